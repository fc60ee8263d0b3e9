"""From the wall time a client writes to the instant it means, and from an instant to what a client reads."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

NOT_A_MOMENT: Final = "Must be an ISO 8601 date and time (e.g., 2030-01-15T14:00:00Z)."

_DAY: Final = r"(\d{4}-\d\d-\d\d|\d{8}|\d{4}-?[Ww]\d\d-?[1-7])"
_TIME: Final = r"\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?"
_OFFSET: Final = rf"([Zz]|[+-]{_TIME})"
#: A day and a time of ISO 8601, basic or extended, with any number of digits of a second (RFC 3339, 5.6), as
#: datetime.fromisoformat reads them. What that reads besides, a bare day or another letter between, is no instant.
MOMENT: Final = re.compile(f"{_DAY}[Tt ]{_TIME}{_OFFSET}?", re.ASCII)
#: The last second that has a name. What lies behind it, as .NET's greatest instant once it is rounded, means never.
_LAST_MS: Final = 253_402_300_799_000


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """
    Reads ISO 8601 as an instant in UTC; a time without offset is the wall time of `zone`.

    A wall time that occurs twice, when clocks go back, means the first. Raises ValueError with a sentence when the
    text is no date and time, or names a wall time that a clock change skips.
    """
    if not MOMENT.fullmatch(text):
        raise ValueError(NOT_A_MOMENT)
    try:
        moment = datetime.fromisoformat(text.upper())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        instant = moment.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(NOT_A_MOMENT) from error
    if instant.astimezone(zone).replace(tzinfo=None) != moment:
        raise ValueError(f"This time does not exist in {zone.key}: a clock change skips it.")
    return instant


def instant_ms(text: str) -> int | None:
    """Milliseconds since 1970 of ISO 8601 with an offset; None if it is none."""
    if not MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return min(round(moment.timestamp() * 1000), _LAST_MS) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def check_not_too_far(due: datetime, now: datetime) -> None:
    """Raises ValueError with a sentence if `due` lies more than 365 days ahead."""
    if due > now + timedelta(days=365):
        raise ValueError("Must be at most 365 days ahead.")


def utc_text(ms: float) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC, ending in Z."""
    return _second_text(ms // 1000)


@lru_cache(maxsize=1024)  # most of what is told at once is of one second
def _second_text(seconds: float) -> str:
    minute, second = divmod(seconds, 60)
    return f"{_minute_text(minute)}{int(second):02}Z"


@lru_cache(maxsize=1024)
def _minute_text(minute: float) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).isoformat()[:17]
