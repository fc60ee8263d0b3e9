"""Who may do what: keys, signatures, limits and rules."""
