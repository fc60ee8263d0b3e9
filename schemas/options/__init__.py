"""What a call does besides speaking its message: how clients ask for it, and how a record holds it."""
