"""A beat, workers near and far, and Twilio, in a time that passes from one event to the next: the scripts are real."""

import hashlib
import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from runtime import scripts as runner
from schemas.lua.facts import MOST_LATE_US
from schemas.lua.source import source
from schemas.scripts.begin import Go, Wait
from schemas.scripts.outcome import Result, later, placed
from tests.scripts.conftest import Store

_REDIS_CLOCK, _OUR_CLOCK = "redis.call('TIME')", "redis.call('HMGET', 'clock', 'seconds', 'microseconds')"
_BEGAN_US = 1_800_000_000_000_000


@cache
def timed_source(name: str) -> str:
    """The text of a script, with a clock that tests set."""
    whole = source(name)
    assert whole.count(_REDIS_CLOCK) <= 1  # not all scripts ask for the time
    return whole.replace(_REDIS_CLOCK, _OUR_CLOCK)


@cache
def timed_digest(name: str) -> str:
    """By which Redis knows it."""
    return hashlib.sha1(timed_source(name).encode(), usedforsecurity=False).hexdigest()


@contextmanager
def clockwork() -> Iterator[None]:
    """Scripts that run within have the time of a Clockwork."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "source", timed_source)
        patch.setattr(runner, "digest", timed_digest)
        yield


@dataclass
class Clockwork:
    """What a run draws from: distances, delays and answers, in microseconds."""

    redis: Any
    calls_per_second: float
    singles_per_minute: float
    ways_us: Sequence[int]  #: of each worker
    random: Random
    messages_us: Sequence[int]  #: take so long to a worker
    late_us: Sequence[int]  #: requests leave so long after their instant
    answers_us: Sequence[int | None]  #: so long takes Twilio for them; None: they never come
    arrivals: list[tuple[int, str]] = field(default_factory=list)  #: when a request reached Twilio, and of which call

    def __post_init__(self) -> None:
        self.redis.flushall()
        self.store = Store(self.redis, self.calls_per_second, self.singles_per_minute, 100_000)
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = count()
        self._set_clock(_BEGAN_US)

    def run(self, seconds: float) -> None:
        """Lets so much time pass."""
        until_us = self.now_us + round(seconds * 1e6)
        self._after(0, self._admit)  # what was accepted woke it
        while self._events and self._events[0][0] <= until_us:
            at_us, _, event = heapq.heappop(self._events)
            self._set_clock(at_us)
            event()
        self._set_clock(until_us)

    def _set_clock(self, us: int) -> None:
        self.now_us = us
        self.redis.hset("clock", mapping={"seconds": us // 1_000_000, "microseconds": us % 1_000_000})

    def _after(self, us: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now_us + round(us), next(self._numbers), event))

    def _beat(self) -> None:
        wakes = self.store.ledger.clock("beat")
        if wakes.dispatch:
            self._after(self.random.choice(self.messages_us), self._admit)
        self._beats = next(self._numbers)
        self._after(min(wakes.sleep_seconds, 1) * 1e6, partial(self._beat_again, self._beats))

    def _beat_again(self, beats: int) -> None:
        if beats == self._beats:  # it was not woken meanwhile
            self._beat()

    def _admit(self) -> None:
        for call in self.store.ledger.admit(50):
            way_us = self.random.choice(self.ways_us)
            self._after(self.random.choice(self.messages_us), partial(self._ask, call, way_us, uuid4().hex))
        self._beat()

    def _ask(self, call: str, way_us: int, claim: str) -> None:
        permission = self.store.ledger.begin(call, claim, way_us / 1e6)
        if isinstance(permission, Wait):
            late_us = min(self.random.choice(self.late_us), MOST_LATE_US // 2)
            self._after(permission.seconds * 1e6 + late_us, partial(self._ask, call, way_us, claim))
        elif isinstance(permission, Go):
            wait_us = round(permission.leaves_in_seconds * 1e6)
            left_us = max(wait_us, 0) + self.random.choice(self.late_us)
            self._after(left_us, partial(self._leave, call, way_us, left_us - wait_us))

    def _leave(self, call: str, way_us: int, late_us: int) -> None:
        """As a Departure does."""
        if late_us > MOST_LATE_US:
            return self._record(call, later(0), None)
        self.arrivals.append((self.now_us + way_us, call))
        answer_us = self.random.choice(self.answers_us)
        if answer_us is None:
            return self._after(30e6, lambda: None)
        answer = placed(f"CA{call}", "queued", 60)
        return self._after(2 * way_us + answer_us, partial(self._record, call, answer, late_us / 1e6))

    def _record(self, call: str, result: Result, late_seconds: float | None) -> None:
        self.store.outcome(call, result, late=late_seconds)
        self._beat()
