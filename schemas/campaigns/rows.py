"""A row of a campaign, as Redis keeps it: what was given of one number, and never changes."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
#: Halves of a surrogate pair, which UTF-8 cannot hold and nobody can speak.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: Control characters that stand between what is given, and for a variable that is not: a byte each, where JSON takes
#: three.
_BETWEEN, _BEHIND, _NOTHING = "\x1f", "\x1e", "\x1d"


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
        text = self._in_short(digits) or _COMPACT.encode(given)
        return text if text.isascii() else _SURROGATE.sub("\ufffd", text)

    def _in_short(self, digits: str) -> str:
        """'' if it would not come back as it was: what is empty, or holds one of the characters between."""
        _, external_id, variables, timezone, expires_ms = self
        if external_id == "" or timezone == "" or variables == []:
            return ""
        values = variables or ()
        text = _BETWEEN.join([digits, external_id or "", *(_NOTHING if value is None else value for value in values)])
        has_more = timezone is not None or expires_ms is not None
        if has_more:
            text = _BEHIND.join([text, timezone or "", "" if expires_ms is None else str(expires_ms)])
        counts = text.count(_BETWEEN), text.count(_BEHIND), text.count(_NOTHING)
        return text if counts == (1 + len(values), 2 * has_more, values.count(None)) else ""

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


def have_ends(rows: Iterable[Row]) -> bool:
    """Whether some of them have ends of their own."""
    return any(row.expires_ms is not None for row in rows)
