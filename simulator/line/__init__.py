"""What happens on the line: a call's life, and what is said and pressed."""
