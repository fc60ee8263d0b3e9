"""Who is not to be called: lists of numbers, and proof of when and how each came onto one."""
