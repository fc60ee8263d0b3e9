"""The web tier: accepts calls over HTTP, records them in Redis and wakes the workers. It knows no worker's code."""
