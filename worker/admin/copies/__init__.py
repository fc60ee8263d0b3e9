"""Copies of all records, how one comes to life, and what differs from what Twilio has."""
