"""Times as clients read them."""

from datetime import UTC, datetime


def utc_text(ms: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC, ending in Z."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
