"""When the numbers of a campaign would be dialled if nothing else held them: what a dry run tells."""

import heapq
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

from app.calls.campaign_time import zones_of_row
from schemas.campaigns.rows import Row
from schemas.hours.opening import Opening
from schemas.hours.plan import Policy, next_plan
from schemas.hours.window import Hours

_ALWAYS_MS: Final = 1 << 60


class Course(NamedTuple):
    """What decides when a campaign's numbers go."""

    own: Hours | None
    policy: Policy
    begins_ms: int
    interval_ms: float  #: between two calls
    until_ms: int | None  #: what has not begun by then is not dialled


def slots(rows: Sequence[Row], course: Course) -> list[int | None]:
    """
    Of each row the instant, in milliseconds since 1970; None if it would not have begun before its end.

    They go in their order as far as their windows are open, and one whose windows are closed is passed over.
    """

    @cache
    def opening(zones: tuple[str, ...], at_ms: int) -> Opening | None:
        found = next_plan(course.own, course.policy, lambda: zones, at_ms)
        return Opening(at_ms, _ALWAYS_MS) if found is None else found if isinstance(found, Opening) else None

    goes: list[int | None] = [None] * len(rows)
    closed, ready = list[tuple[int, int, int]](), list[tuple[int, int]]()

    def plan(place: int, at_ms: int) -> None:
        if found := opening(zones_of_row(rows[place]) if course.own or course.policy.hours else (), at_ms):
            heapq.heappush(closed, (found.opens_ms, place, found.closes_ms))

    for place in range(len(rows)):
        plan(place, course.begins_ms)
    at_ms = float(course.begins_ms)
    while closed or ready:
        at_ms = at_ms if ready else max(at_ms, closed[0][0])
        while closed and closed[0][0] <= at_ms:
            _, place, closes_ms = heapq.heappop(closed)
            heapq.heappush(ready, (place, closes_ms))
        place, closes_ms = heapq.heappop(ready)
        if at_ms >= closes_ms:
            plan(place, closes_ms)
        elif at_ms < _end_of(rows[place], course):
            goes[place] = round(at_ms)
            at_ms += course.interval_ms
    return goes


def _end_of(row: Row, course: Course) -> int:
    return min(row.expires_ms or _ALWAYS_MS, course.until_ms or _ALWAYS_MS)
