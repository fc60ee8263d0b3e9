"""Twilio's voice API, as the workers use it."""
