"""What a request says: its form, read and checked as Twilio does, and the answer to one that is refused."""
