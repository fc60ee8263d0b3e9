"""Addresses that Twilio would request."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST_URL_CHARACTERS = 4000
_LONGEST_HOST_NAME = 253
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")


def is_url(text: str) -> bool:
    """Whether Twilio could request this: absolute http(s), a valid host name (no underscores), not too long."""
    if _UNSAFE.search(text) or len(text) > LONGEST_URL_CHARACTERS:
        return False
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or port == 0:
        return False
    if ":" in host:
        return True
    return len(host) <= _LONGEST_HOST_NAME and all(_LABEL.fullmatch(label) for label in host.split("."))
