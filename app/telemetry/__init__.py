"""What the web tier logs and counts."""
