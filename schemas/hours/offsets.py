"""How far local time is from UTC, and from when until when: spans of local time become spans of instants."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from schemas.hours.database import zone

#: From the first instant on, up to the second, in seconds since 1970.
Span: TypeAlias = tuple[int, int]

#: Between two looks for a change of a zone's clocks: none has two so close.
_STEP_SECONDS: Final = 12 * 3600
_DAY_SECONDS: Final = 86_400


class Change(NamedTuple):
    """A zone's clocks change."""

    at: int  #: seconds since 1970
    offset: int  #: of local time from UTC before it, in seconds
    next_offset: int


@lru_cache(maxsize=4096)
def changes(name: str, year: int) -> tuple[Change, ...]:
    """Those in a year of UTC."""
    first = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    last = int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp())
    looks = [*range(first, last, _STEP_SECONDS), last]
    return tuple(_change(name, low, high) for low, high in pairwise(looks) if offset(name, low) != offset(name, high))


def offset(name: str, at: int) -> int:
    """Of local time from UTC then, in seconds."""
    away = datetime.fromtimestamp(at, zone(name)).utcoffset()
    return round(away.total_seconds()) if away is not None else 0


def instants(name: str, start: int, end: int) -> Iterator[Span]:
    """
    When local clocks show a time from `start` up to `end`, both written as seconds since 1970 as if clocks showed UTC:
    never, for a time that they skip, and twice for one that they repeat.
    """
    first, last = start - 2 * _DAY_SECONDS, end + 2 * _DAY_SECONDS
    years = range(datetime.fromtimestamp(first, UTC).year, datetime.fromtimestamp(last, UTC).year + 1)
    since, away = first, offset(name, first)
    for change in (one for year in years for one in changes(name, year) if first < one.at < last):
        yield from _within(start - away, end - away, since, change.at)
        since, away = change.at, change.next_offset
    yield from _within(start - away, end - away, since, last)


def _within(start: int, end: int, low: int, high: int) -> Iterator[Span]:
    if max(start, low) < min(end, high):
        yield max(start, low), min(end, high)


def _change(name: str, low: int, high: int) -> Change:
    before, after = offset(name, low), offset(name, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(name, middle) == before else (low, middle)
    return Change(high, before, after)
