"""now.lua and hours.lua: what waits and what is live at one instant, and what began and is due around it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from schemas.lua.script import Script
from schemas.scripts.explain import Facts


class RunningCampaign(NamedTuple):
    """A campaign that waits in line or for its windows, or has live calls."""

    task_id: str
    name: str
    waiting: int  #: numbers that wait
    live: int
    max_live: int
    paused: bool
    due_ms: int
    at_ms: float  #: from when on its next call may go; 0 if it stands in no line
    opens_ms: int  #: when the windows of its numbers open, if that is what it stands in line for; else 0
    again_later: int  #: numbers that wait for the time of their next attempt
    capped_later: int  #: numbers that were called as often as they may be
    unplanned: int  #: 1 while it is worked out when its windows open


class Now(NamedTuple):
    """What there is at this instant."""

    facts: Facts  #: what holds calls up, whosesoever they are
    due_calls: int  #: single and scheduled ones
    later_calls: int
    due_campaigns: int
    later_campaigns: int
    longest_due_ms: float | None
    next_due_ms: float | None
    numbers: int  #: of campaigns, that wait
    campaigns: Sequence[RunningCampaign]
    live: Mapping[str, int]  #: calls by state
    untold: int  #: calls with events that their client does not have


class Hour(NamedTuple):
    """What is due in one hour."""

    begins_ms: int
    calls: int
    campaigns: int


class Hours(NamedTuple):
    """What was and what comes."""

    now_ms: int
    begun: Sequence[int]  #: calls that began in each minute, the oldest first; the last one runs
    last_minute: int
    coming: Sequence[Hour]  #: hours in which something is due
    beyond_calls: int  #: due after those hours
    beyond_campaigns: int


def now(client: str | None, most_campaigns: int, most_minutes: int = 0) -> Script[Now]:
    """What there is of one client's, or of everybody's for None."""
    return Script("now", (most_minutes, most_campaigns, *_whose(client)), _now)


def hours(client: str | None, minutes: int, hours_ahead: int) -> Script[Hours]:
    """What was and what comes of one client's, or of everybody's for None."""
    return Script("hours", (minutes, hours_ahead, *_whose(client)), _hours)


def _whose(client: str | None) -> Sequence[str]:
    return () if client is None else (client,)


def _now(answer: Any) -> Now:
    facts, counts, longest, following, numbers, campaigns, live, untold = answer
    return Now(
        Facts.read("", facts),
        counts[0],
        counts[1],
        counts[2],
        counts[3],
        float(longest) if longest else None,
        float(following) if following else None,
        numbers,
        [_campaign(*one) for one in campaigns],
        dict(zip(live[::2], live[1::2], strict=True)),
        untold,
    )


def _campaign(task_id: str, name: str, *more: str) -> RunningCampaign:
    waiting, live, max_live, paused, due_ms, at_ms, *later = more
    counts = int(waiting), int(live), int(max_live)
    return RunningCampaign(task_id, name, *counts, paused == "1", int(due_ms), float(at_ms or 0), *map(int, later))


def _hours(answer: Any) -> Hours:
    now_ms, begun, last_minute, coming, (calls, campaigns) = answer
    due = [Hour(int(begins_ms), *counts) for begins_ms, *counts in coming]
    return Hours(int(now_ms), begun, last_minute, due, calls, campaigns)
