"""A request's body: read, unfolded, parsed and checked."""
