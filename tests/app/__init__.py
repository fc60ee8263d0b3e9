"""The web tier over real HTTP and a real Redis."""
