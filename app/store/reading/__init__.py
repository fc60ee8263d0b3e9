"""What is told of tasks, and nothing of them changed."""
