"""The edge of HTTP: what happens to every request before and after its endpoint."""
