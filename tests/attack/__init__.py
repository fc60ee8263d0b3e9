"""What the security table names, with variations drawn at random, against a stack beside an honest client."""
