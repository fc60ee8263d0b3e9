"""`worker.admin watch`: what there is now, drawn anew every second until Ctrl-C."""

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from redis.exceptions import RedisError

from schemas.listing.now import Hours, hours, now
from schemas.listing.waiting import waiting_counts
from worker.admin.overview import MOST_CAMPAIGNS, overview
from worker.admin.store import Store
from worker.admin.table import show_overview

_MINUTES: Final = 60
_HOURS: Final = 24
#: Moves to the corner, and clears what is below it.
_AFRESH: Final = "\x1b[H\x1b[J"
_BARS: Final = " ▁▂▃▄▅▆▇█"


def watch(store: Store, options: argparse.Namespace) -> str:
    """Shows it until Ctrl-C, or as often as is wanted; a Redis that is away is waited for."""
    left = options.times
    try:
        while True:
            sys.stdout.write(f"{_AFRESH if sys.stdout.isatty() else ''}{_look(store)}\n")
            sys.stdout.flush()
            left -= 1
            if left == 0:
                return ""
            time.sleep(options.every)
    except KeyboardInterrupt:
        return ""


def _look(store: Store) -> str:
    try:
        return _shown(store, overview(store), store.run(hours(None, _MINUTES, _HOURS)))
    except RedisError as error:
        return f"Redis does not answer ({type(error).__name__}): nothing is dialled. Trying again."


def _shown(store: Store, found: dict[str, Any], around: Hours) -> str:
    limits = store.settings.limits
    waiting = waiting_counts(store.run(now(None, MOST_CAMPAIGNS, limits.most_minutes_a_day)), limits)
    reasons = ", ".join(f"{count} for {word}" for word, count in waiting.items() if count)
    lines = [
        ("calls a minute", f"{around.last_minute} of {round(limits.calls_per_second * 60, 3)}"),
        ("last hour", f"|{bars(around.begun)}|"),
        ("waiting", reasons or "nothing"),
        ("ahead, 24 hours", f"{sum(hour.calls for hour in around.coming)} calls"),
    ]
    return "\n".join([show_overview(found), "", *(f"{name + ':':24}{value}" for name, value in lines)])


def bars(counts: Sequence[int]) -> str:
    """A bar a number, in one line; the highest is full, and none is empty."""
    most = max(counts, default=0) or 1
    steps = len(_BARS) - 1
    return "".join(_BARS[-(-count * steps // most)] for count in counts)
