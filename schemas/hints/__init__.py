"""What a refusal or an acceptance adds to its sentence: what was seen, and what was perhaps meant."""
