"""The contract between the tiers: HTTP bodies, task messages, states, Redis keys and the scripts."""
