"""How a process stands among the others: what it tells of itself, and why it may not start."""
