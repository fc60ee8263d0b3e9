"""What versions of this program left in Redis: every kind of call in every state, and the messages to the workers."""
