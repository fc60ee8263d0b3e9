"""Campaigns: how one is accepted, seen and steered."""
