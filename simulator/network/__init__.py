"""The way to Twilio: ports at a distance, their TLS, and connections that fail."""
