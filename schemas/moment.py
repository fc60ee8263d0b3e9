"""From the wall time a client writes to the instant it means, and from an instant to what a client reads."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

NOT_A_MOMENT: Final = "Must be an ISO 8601 date and time (e.g., 2030-01-15T14:00:00Z)."
UNKNOWN_ZONE: Final = "Must be an IANA time zone (e.g., America/New_York)."

#: datetime.fromisoformat also reads week dates and bare dates, which nobody means here.
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,6})?)?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII)


def zone_named(name: str) -> ZoneInfo:
    """Finds an IANA time zone; raises ValueError with a sentence if there is none."""
    if name not in _zone_names():
        raise ValueError(UNKNOWN_ZONE)
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    """Names of the IANA database, without what systems keep beside it."""
    return frozenset(available_timezones() - {"localtime", "posixrules"})


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


def check_not_too_far(due: datetime, now: datetime) -> None:
    """Raises ValueError with a sentence if `due` lies more than 365 days ahead."""
    if due > now + timedelta(days=365):
        raise ValueError("Must be at most 365 days ahead.")


def utc_text(ms: float) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC, ending in Z."""
    return _second_text(ms // 1000)


@lru_cache(maxsize=1024)
def _second_text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"
