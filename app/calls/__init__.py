"""From what a client asks for to the record of a call."""
