"""Random walks through all that can be done to tasks, in a time that tests set."""
