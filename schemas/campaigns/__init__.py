"""Campaigns: their rows, one for each number, and what became of each."""
