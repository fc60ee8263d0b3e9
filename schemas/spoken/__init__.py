"""What calls say."""
