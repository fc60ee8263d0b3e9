"""The calls themselves: what is remembered of each, their clock, and the account's queue."""
