"""The console: pages for people, which use nothing but the public API."""
