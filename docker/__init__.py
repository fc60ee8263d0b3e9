"""What runs the service: the local stack, images, compose file, manifests, dashboard and alert rules."""
