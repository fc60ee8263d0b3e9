"""The contract between the tiers, piece by piece."""
