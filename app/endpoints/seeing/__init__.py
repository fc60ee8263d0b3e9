"""What people and programs see of many tasks at once."""
