"""The next span of time in which a call may leave."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from schemas.hours.offsets import Span, instants
from schemas.hours.window import Hours

#: Nothing leaves in the last seconds before a closing: a request takes some time, and hosts' clocks differ.
GUARD_MS: Final = 10_000

#: What opens in so long at least opens at all.
MOST_DAYS: Final = 366

_DAY_SECONDS: Final = 86_400
#: A window over midnight begins two local days before an instant at most, and so far off clocks may be.
_MARGIN_DAYS: Final = 3
#: Days that are looked at: most windows open within the first few.
_LOOKS: Final = (4, 16, 64, MOST_DAYS)


class Opening(NamedTuple):
    """From when on a call may leave, and before when."""

    opens_ms: int
    closes_ms: int  #: the guard's beginning: no request leaves from here on


class Rule(NamedTuple):
    """Hours, and in which zones' local time they must be kept, all together."""

    hours: Hours
    zones: tuple[str, ...]


def next_opening(rules: Sequence[Rule], at_ms: int, until_ms: int) -> Opening | None:
    """
    The first instant from `at_ms` on at which all rules let a call leave in all of their zones, and for how long.

    None if there is none before `until_ms`, or within MOST_DAYS. Rules that are open already are open from `at_ms` on.
    """
    at = -(-at_ms // 1000)
    keys = tuple(dict.fromkeys((rule.hours, zone) for rule in rules for zone in rule.zones))
    for days in _LOOKS:
        spans = _common([_open(hours, zone, at // _DAY_SECONDS, days) for hours, zone in keys])
        seen = at + days * _DAY_SECONDS
        found = next((span for span in spans if max(span[0] * 1000, at_ms) < span[1] * 1000 - GUARD_MS), None)
        if found is not None and found[0] < seen and (found[1] < seen or days == MOST_DAYS):
            opening = Opening(max(found[0] * 1000, at_ms), found[1] * 1000 - GUARD_MS)
            return opening if opening.opens_ms < until_ms else None
        if seen * 1000 >= until_ms and (found is None or found[0] * 1000 >= until_ms):
            return None
    return None


def _common(lists: Sequence[Sequence[Span]]) -> list[Span]:
    """What is in all of the lists, each of which is in order and has no two that touch."""
    together = list(lists[0])
    for spans in lists[1:]:
        both, index = [], 0
        for start, end in together:
            while index < len(spans) and spans[index][1] <= start:
                index += 1
            ahead = index
            while ahead < len(spans) and spans[ahead][0] < end:
                both.append((max(start, spans[ahead][0]), min(end, spans[ahead][1])))
                ahead += 1
        together = both
    return together


@lru_cache(maxsize=4096)
def _open(hours: Hours, zone: str, day: int, days: int) -> tuple[Span, ...]:
    """When these hours are open in a zone, from a day of UTC on, for so many days and some more."""
    merged: list[Span] = []
    first = date(1970, 1, 1) + timedelta(days=day - _MARGIN_DAYS)
    dates = [first + timedelta(days=number) for number in range(days + 2 * _MARGIN_DAYS)]
    for start, end in sorted(span for one in dates for span in _on(hours, zone, one)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


@lru_cache(maxsize=65_536)
def _on(hours: Hours, zone: str, day: date) -> tuple[Span, ...]:
    """The spans that begin on this local day."""
    if day in hours.days_off:
        return ()
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    windows = (one for one in hours.windows if day.weekday() in one.days)
    return tuple(span for one in windows for span in instants(zone, midnight + one.start * 60, midnight + one.end * 60))
