"""Programs of clients, made of openapi.yaml by others' generators and checked."""
