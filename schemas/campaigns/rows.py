"""A row of a campaign, as Redis keeps it: what was given of one number, and never changes."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
#: Halves of a surrogate pair, which UTF-8 cannot hold and nobody can speak.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: Control characters that stand between what is given, and for a variable that is not: a byte each, where JSON takes
#: three.
_BETWEEN, _BEHIND, _NOTHING = "\x1f", "\x1e", "\x1d"
_TAKEN: Final = re.compile("[\x1d-\x1f]")


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

        With more, external id and variables stand behind it, and behind those, if given, zone and end. What would not
        come back as it was is a JSON list, which ends where nothing more is given. rows.lua reads all three.
        """
        digits = self.number.removeprefix("+")
        given: list[Any] = [digits, *self[1:]]
        while given[-1] is None:
            given.pop()
        if len(given) == 1:
            return digits
        return _SURROGATE.sub("\ufffd", self._in_short(digits) or _COMPACT.encode(given))

    def _in_short(self, digits: str) -> str:
        """'' if it would not come back as it was."""
        if any(_TAKEN.search(text) for text in (self.external_id, self.timezone, *(self.variables or ())) if text):
            return ""
        values = [_NOTHING if value is None else value for value in self.variables or ()]
        text = _BETWEEN.join([digits, self.external_id or "", *values])
        behind = [self.timezone or "", "" if self.expires_ms is None else str(self.expires_ms)]
        text = _BEHIND.join([text, *behind]) if any(behind) else text
        return text if Row.unpack(text) == self else ""

    @classmethod
    def unpack(cls, text: str) -> "Row":
        """Reads what `pack` wrote; fields that a later version adds are ignored."""
        if text.startswith("["):
            digits, *more = json.loads(text)
            return cls(f"+{digits}", *more[: len(cls._fields) - 1])
        if _BETWEEN not in text:
            return cls(f"+{text}" if text else "")
        before, timezone, expires_ms, *_ = [*text.split(_BEHIND), "", ""]
        digits, external_id, *values = before.split(_BETWEEN)
        variables = [None if value == _NOTHING else value for value in values]
        return cls(
            f"+{digits}",
            external_id or None,
            variables or None,
            timezone or None,
            int(expires_ms) if expires_ms else None,
        )
