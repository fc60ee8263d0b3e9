"""Guards taken out of the product one at a time: the tests that are to miss each."""
