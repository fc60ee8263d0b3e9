"""Bodies about campaigns: whom they call, how they are steered, and what became of each number."""
