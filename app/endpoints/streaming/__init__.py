"""News of what is going on, as server-sent events."""
