"""The command line of worker.admin: what it takes, and how it ends."""
