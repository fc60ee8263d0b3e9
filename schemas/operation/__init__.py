"""What an operator may have got wrong: what parts tell of themselves, what Redis tells, and what follows from it."""
