"""In which time zones a number may be called."""
