"""What is done with a call: admitted, placed, followed."""
