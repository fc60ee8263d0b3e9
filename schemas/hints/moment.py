"""What keeps a text from being a date and a time, and how it would be one."""

import re
from datetime import UTC, datetime
from typing import Final

from schemas.moment import MOMENT

_PARTS: Final = ("month", "day", "hour", "minute", "second")
#: A date in the right order, whose parts may lack a digit, and perhaps a time.
_NEARLY: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:(?:[Tt]| +)(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?((?:[.,]\d+)?)\s*(|[Zz]|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_FORMS: Final = (
    (re.compile(r"\d\s*[ap]\.?m\.?\b", re.ASCII | re.IGNORECASE), "hours go from 00 to 23, without am or pm"),
    (re.compile(r"^\d{9,13}(\.\d+)?$", re.ASCII), "seconds since 1970 are not taken"),
    (re.compile(f"^{MOMENT.pattern}$", re.ASCII), "there is no such day or time"),
    (
        re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b", re.ASCII),
        "the year comes first, then month and day, with hyphens between them",
    ),
)
_LONG: Final = 64


def moment_hint(text: str) -> str:
    """A phrase; '' if there is none that helps."""
    if len(text) > _LONG:
        return ""
    text = text.strip()
    if found := _NEARLY.fullmatch(text):
        return _of_parts(found)
    return next((hint for form, hint in _FORMS if form.search(text)), "")


def _of_parts(found: re.Match[str]) -> str:
    year, *parts, fraction, offset = found.groups()
    date = f"{year}-{parts[0]:>02}-{parts[1]:>02}"
    if parts[2] is None:
        return f"a time is missing: {date}T09:00:00" if _is_moment(f"{date}T09:00:00") else "there is no such day"
    time = ":".join(f"{part or '0':>02}" for part in parts[2:])
    meant = f"{date}T{time}{fraction}{offset}"
    if not _is_moment(meant):
        return "there is no such day or time"
    short = [name for name, part in zip(_PARTS, parts, strict=True) if part and len(part) == 1]
    if not short:
        return f"meant is perhaps {meant}"
    want = "wants" if len(short) == 1 else "want"
    return f"the {' and the '.join(short)} {want} two digits: {meant}"


def _is_moment(text: str) -> bool:
    if not MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True
