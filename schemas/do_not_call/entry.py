"""A number on a do-not-call list, and what is known of how it came there."""

import json
from typing import NamedTuple

_DIGEST = "#"


class Entry(NamedTuple):
    """One number; of one that was forgotten, its digest and the time."""

    member: str
    at_ms: int
    by: str | None  #: name of the key
    call_id: str | None  #: in which a key was pressed
    way: str | None

    @classmethod
    def read(cls, member: str, packed: str) -> "Entry":
        """Reads what opting.lua wrote."""
        known = json.loads(packed)
        at_ms = int(known.get("at_ms") or 0)
        return cls(member, at_ms, known.get("by") or None, known.get("call") or None, known.get("source") or None)

    @property
    def number(self) -> str | None:
        """None if it was forgotten."""
        return None if self.member.startswith(_DIGEST) else self.member

    @property
    def digest(self) -> str | None:
        """By which a number that was forgotten is still known."""
        return self.member[1:] if self.member.startswith(_DIGEST) else None
