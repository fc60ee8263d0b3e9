"""Records in Redis with limits that bind, in a time that passes when it is told, and what was promised of them."""

import hashlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from random import Random
from time import time
from typing import Any

import pytest

from runtime import scripts as runner
from schemas import keys
from schemas.limits import Limits
from schemas.lua.script import Script
from schemas.records import CallRecord
from tests.scripts.clockwork import timed_source
from tests.scripts.conftest import Store
from tests.walks.gate import Fault
from tests.walks.moves.line import Line
from worker.ledger import Ledger

CALLS_PER_SECOND, SINGLES_PER_MINUTE, MOST_LIVE = 5, 120, 6
#: What Redis keeps for a time lives by its own clock, which is behind.
_AHEAD_SECONDS = 86_400
#: Whoever runs one of these again hands out something else, or does it anew.
_ANEW = {
    "admit",
    "checks",
    "closed",
    "relay",
    "pause",
    "opt_in",
    "drain",
    "step",
    "forget_on",
    "clock",
    "edit",
    "restore",
    "requeue",
}
#: Nothing of these is under way for longer than a client waits.
_SOON = {"accept", "take_back", "forget"}

#: So that a campaign of some rows takes as many steps as one of very many.
_SMALL = {
    "local ROWS_AT_ONCE = 1000": "local ROWS_AT_ONCE = 3",
    "local MARKS_AT_ONCE = 65536": "local MARKS_AT_ONCE = 4",
    "local MOST_CALLS = 500": "local MOST_CALLS = 2",
    "local MOST_RESCUED, MOST_TOLD = 50, 500": "local MOST_RESCUED, MOST_TOLD = 2, 500",
    "local LOOK_GAP_MS, MOST_LOOKED_AT = 30000, 20": "local LOOK_GAP_MS, MOST_LOOKED_AT = 30000, 2",
}


@cache
def _source(name: str) -> str:
    text = timed_source(name)
    for usual, small in _SMALL.items():
        text = text.replace(usual, small)
    return text


@cache
def _digest(name: str) -> str:
    return hashlib.sha1(_source(name).encode(), usedforsecurity=False).hexdigest()


@contextmanager
def small_steps() -> Iterator[None]:
    """Scripts that run within have the time of a room, and take small steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "source", _source)
        patch.setattr(runner, "digest", _digest)
        yield


@dataclass
class Task:
    """What a client was told of what it asked for."""

    id: str
    client: str
    numbers: list[str]
    bulk: bool
    created_ms: int
    paused: bool = False
    cancelled: set[str] = field(default_factory=set)  #: the task, or some of its calls
    deleted: bool = False
    unheard: bool = False  #: its acceptance may be taken back at any time


class Room:
    """What all who move in it share."""

    def __init__(self, redis: Any, seed: int) -> None:
        redis.flushall()
        self.redis, self.random = redis, Random(seed)
        self.now_us = int(time() + _AHEAD_SECONDS) * 1_000_000
        self._set()
        self.limits = Limits(CALLS_PER_SECOND, SINGLES_PER_MINUTE, MOST_LIVE, most_calls_per_day=10**9)
        self.store = Store(redis, CALLS_PER_SECOND, SINGLES_PER_MINUTE, MOST_LIVE)
        self.store.ledger = self.ledger = Ledger(redis, self.limits, 30, 30)
        self.line = Line(self.random, lambda: self.now_ms)
        self.tasks: dict[str, Task] = {}
        self.history: deque[Script[Any]] = deque(maxlen=60)
        self.opted_out: set[tuple[str, str]] = set()  #: list, number
        self.forgotten: dict[str, set[str]] = {}  #: numbers, and the calls that were accepted when that was said
        self.drained = False
        self.was_set_back = False  #: then a task may begin before what its record holds from before
        self.revived: set[str] = set()  #: calls that Twilio told of after they counted as over
        self.most_live: dict[str, int] = {}  #: of campaigns whose bound was lowered beneath what was live

    @property
    def now_ms(self) -> int:
        return self.now_us // 1000

    def _set(self) -> None:
        self.redis.hset("clock", mapping={"seconds": self.now_us // 1_000_000, "microseconds": self.now_us % 1_000_000})

    def pass_time(self, seconds: float) -> None:
        self.now_us += round(seconds * 1e6)
        self._set()
        self.line.come()

    def set_back(self, seconds: int) -> None:
        """A failover leads to a host behind: what came to Twilio, or is to come, is as long ago, or off, as before."""
        self.was_set_back = True
        self.now_us -= seconds * 1_000_000
        self._set()
        self.line.set_back(seconds)

    def run(self, script: Script[Any]) -> Any:
        """What the script answers; now and then its answer was lost once, and it was sent again."""
        if script.name not in _ANEW:
            if script.name not in _SOON:
                self.history.append(script)
            if self.random.random() < 0.1:
                self.store.scripts.run(script)
        return self.store.scripts.run(script)

    def run_old(self) -> None:
        """Something that was sent long ago arrives once more."""
        if self.history:
            self.store.scripts.run(self.random.choice(self.history))

    def choose(self, *, bulk: bool | None = None) -> Task | None:
        some = [one for one in self.tasks.values() if not one.deleted and bulk in {None, one.bulk}]
        some = [one for one in some if not one.unheard or self.store.task(one.id)]
        return self.random.choice(some[-8:]) if some else None

    def a_call(self) -> str | None:
        """Any call's id, mostly of one that began."""
        task = self.choose()
        if task is None or not task.bulk:
            return task.id if task else None
        ids = [f"{task.id}-{place}" for place in range(1, len(task.numbers) + 1)]
        known = [one for one in ids if self.store.state(one)]
        return self.random.choice(known if known and self.random.random() < 0.9 else ids)

    def task_of(self, call_id: str) -> Task:
        return self.tasks[call_id] if call_id in self.tasks else self.tasks[call_id.rpartition("-")[0]]

    def check_leaving(self, call: CallRecord, leaves_us: int) -> None:
        """Raises Fault if the call must not go."""
        task = self.task_of(call.id)
        campaign = self.store.task(task.id)
        record = self.store.task(call.id)
        told = f"{call} {campaign}"
        if task.deleted or {task.id, call.id} & task.cancelled:
            raise Fault(f"It leaves after its cancel: {told}")
        if task.paused or "paused" in campaign or campaign["state"] not in {"active", "dialling"}:
            raise Fault(f"It leaves though it is paused or over: {told}")
        if self.drained:
            raise Fault(f"It leaves though all is drained: {told}")
        for on_list in ("service", f"of:{task.client}"):
            if (on_list, call.to) in self.opted_out:
                raise Fault(f"It leaves to a number on the list {on_list}: {told}")
        if call.id in self.forgotten.get(call.to, ()):
            raise Fault(f"It leaves to a number that is being forgotten: {told}")
        for its in (campaign, record):
            early = int(its["due_ms"]) * 1000 > leaves_us + 999 and not self.was_set_back
            if int(its.get("expires_ms", leaves_us)) * 1000 <= leaves_us or early:
                raise Fault(f"It leaves before its time, or after its end: {leaves_us} {record} {campaign}")

    def age(self, name: str, member: str) -> float | None:
        """How many seconds ago that instant was."""
        score = self.redis.zscore(keys.PREFIX + name, member)
        return None if score is None else (self.now_ms - float(score)) / 1000
