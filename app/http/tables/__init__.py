"""Tables as answers."""
