"""Examples of requests and answers that are too long for their handlers."""
