"""Phone numbers and URLs, checked by shape as Twilio does before it accepts a call."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
LONGEST_HOST_NAME = 253
_NORTH_AMERICAN = re.compile(r"^\+1(\d{3})(\d{3})(\d{4})$", re.ASCII)
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")


def is_phone_number(text: str) -> bool:
    """Whether the text has the shape of an E.164 number."""
    return _E164.fullmatch(text) is not None


def is_url(text: str) -> bool:
    """Whether Twilio could request this: absolute http(s), a valid host name (no underscores)."""
    if _UNSAFE.search(text):
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
    return len(host) <= LONGEST_HOST_NAME and all(_LABEL.fullmatch(label) for label in host.split("."))


def formatted(number: str) -> str:
    """The number as Twilio displays it: `(415) 555-1212` in North America, E.164 elsewhere."""
    return _NORTH_AMERICAN.sub(r"(\1) \2-\3", number)
