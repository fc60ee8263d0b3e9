"""A row of a campaign, as Redis keeps it: what was given of one number, and never changes."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
#: Halves of a surrogate pair, which UTF-8 cannot hold and nobody can speak.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Row(NamedTuple):
    """One number, in the place at which it was given."""

    number: str  #: E.164; '' once it was forgotten
    external_id: str | None = None
    variables: Sequence[str | None] | None = None  #: values; the names stand once, in the campaign's record
    timezone: str | None = None
    expires_ms: int | None = None

    def pack(self) -> str:
        """
        A number alone goes without its plus, so that Redis keeps it as an integer, in ten bytes.

        With more it is a JSON list, which ends where nothing more is given: rows.lua reads it.
        """
        digits = self.number.removeprefix("+")
        given: list[Any] = [digits, *self[1:]]
        while given[-1] is None:
            given.pop()
        return _SURROGATE.sub("\ufffd", _COMPACT.encode(given)) if len(given) > 1 else digits

    @classmethod
    def unpack(cls, text: str) -> "Row":
        """Reads what `pack` wrote; fields that a later version adds are ignored."""
        if not text.startswith("["):
            return cls(f"+{text}" if text else "")
        digits, *more = json.loads(text)
        return cls(f"+{digits}", *more[: len(cls._fields) - 1])
