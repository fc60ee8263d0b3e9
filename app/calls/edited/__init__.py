"""From what a client asks for to what changes in the record of a task."""
