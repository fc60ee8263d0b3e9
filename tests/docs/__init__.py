"""What people read is held against what the program does."""
