"""Steering one task from the command line, in the words of the API."""
