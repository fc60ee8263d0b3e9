"""Passing the events of calls on to the clients."""
