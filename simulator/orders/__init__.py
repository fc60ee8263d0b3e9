"""What a test orders: how callees behave, and what goes wrong."""
