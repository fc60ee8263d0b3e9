"""Secrets with names, as settings hold them: comma-separated `name:secret`."""

import re
from collections.abc import Mapping
from typing import Final

from runtime.environment import UNFILLED, UNFILLED_SENTENCE

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_SECRET: Final = re.compile(r"[!-~]{1,512}", re.ASCII)


def named_entries(text: str) -> list[tuple[str, str]]:
    """Names with their secrets; raises ValueError, whose words show no secret."""
    entries = [entry.strip() for entry in text.split(",")] if text.strip() else []
    return [_parse(entry, place) for place, entry in enumerate(entries, start=1)]


def named_secrets(text: str) -> Mapping[str, str]:
    """Secrets by name, of which each has one; raises ValueError, whose words show no secret."""
    entries = named_entries(text)
    secrets = dict(entries)
    if len(secrets) < len(entries):
        raise ValueError("two entries have the same name")
    return secrets


def _parse(entry: str, place: int) -> tuple[str, str]:
    name, colon, secret = entry.partition(":")
    if not colon:
        raise ValueError(f"entry {place} has no colon")
    if not _NAME.fullmatch(name):
        raise ValueError(f"the name of entry {place} is not 1 to 64 letters, digits, dots, dashes or underscores")
    if not _SECRET.fullmatch(secret):
        raise ValueError(f"the secret of entry {place} is not 1 to 512 printable ASCII characters")
    if UNFILLED.fullmatch(secret):
        raise ValueError(f"the secret of entry {place} {UNFILLED_SENTENCE}")
    return name, secret
