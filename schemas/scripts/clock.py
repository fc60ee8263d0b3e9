"""clock.lua and pulse.lua: when beats and workers are awake."""

from dataclasses import dataclass
from typing import Any

from schemas.limits import Limits
from schemas.lua.facts import WAKE_US
from schemas.lua.script import Script


@dataclass(frozen=True, slots=True)
class Wakes:
    """What beat is to send now, and how long it may sleep then."""

    dispatch: bool
    sweep: bool
    sleep_seconds: float


def clock(beat: str, limits: Limits, retention_days: int) -> Script[Wakes]:
    """What a beat has to do, when what is stuck is put back; that it asks is its pulse."""
    paces = limits.account.interval_us, limits.singles.interval_us
    words = (limits.max_live_calls, WAKE_US, beat, *paces, retention_days * 86_400_000, limits.most_minutes_a_day)
    return Script("clock", words, _wakes)


def _wakes(answer: Any) -> Wakes:
    dispatch, sweep, sleep_ms = answer
    return Wakes(dispatch == "1", sweep == "1", int(sleep_ms) / 1000)


def pulse(worker: str, *, leaving: bool = False) -> Script[int]:
    """Says that a worker lives, or leaves; the time, milliseconds since 1970."""
    return Script("pulse", (worker, "1" if leaving else "0"), int)
