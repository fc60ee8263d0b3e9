"""The web tier's way to Redis."""
