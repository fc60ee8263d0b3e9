"""Bodies of the answers that tell of many tasks at once."""
