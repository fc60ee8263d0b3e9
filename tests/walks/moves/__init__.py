"""Random moves of clients, workers, Twilio and relays, script by script, in a time that is set."""
