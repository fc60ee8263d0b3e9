"""What is read of many tasks at once, newest first."""
