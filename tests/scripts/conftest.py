"""The scripts on a real Redis, with time that tests can move."""

from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from schemas import keys
from schemas.limits import Limits, campaign_interval_us
from schemas.scripts import source
from schemas.states import CallState
from worker.ledger import Ledger
from worker.verdicts import Go

_ZSETS = (
    "later",
    "checks",
    "slots:account",
    "slots:singles",
    "workers",
    "beats",
    "ready:calls",
    "ready:campaigns",
    "relays",
    "sweeps",
)
_US_ZSETS = ("slots:account", "slots:singles")


class Store:
    """Records in Redis: what the web tier does to them, what the workers do, and the time between."""

    def __init__(self, redis: Any, calls_per_second: float, singles_per_minute: float, most_live: int) -> None:
        self.redis = redis
        self.limits = Limits(calls_per_second, singles_per_minute, most_live)
        self.ledger = Ledger(redis, self.limits, timeout_seconds=30, retention_days=30)
        self._accept = redis.register_script(source("accept"))
        self._cancel = redis.register_script(source("cancel"))

    def accept(
        self, *numbers: str, key: str = "", body: str = "b", deadline_us: int = 0, task_id: str = "", **options: Any
    ) -> list[str]:
        """Accepts a call, or a campaign when `max_live` is given; returns the script's answer."""
        task_id = task_id or str(uuid4())
        fields = {"from": "+15005550006", "rank": str(options.get("rank", 2)), "metadata": '{"a":1}'}
        campaign = "max_live" in options
        if campaign:
            delay_us = campaign_interval_us(options.get("delay_seconds", 1))
            fields |= {"kind": "bulk", "state": "active", "total": str(len(numbers)), "delay_us": str(delay_us)}
            fields["max_live"] = str(options["max_live"])
        else:
            fields |= {"kind": "single", "state": "waiting", "to": numbers[0]}
        pairs = [item for pair in fields.items() for item in pair]
        interval_us = 0 if campaign else max(self.limits.singles.interval_us, self.limits.account.interval_us)
        due = (options.get("due_ms", ""), options.get("delay_ms", 0))
        most_a_day = options.get("most_a_day", 0)
        args = [
            task_id,
            deadline_us,
            key,
            body,
            *due,
            interval_us,
            most_a_day,
            len(pairs),
            *pairs,
            *(numbers if campaign else ()),
        ]
        return list(self._accept(keys=[keys.PREFIX], args=args))

    def call(self, number: str = "+12025550100", **options: Any) -> str:
        """Accepts a call and returns its id."""
        return self.accept(number, **options)[1]

    def campaign(self, *numbers: str, max_live: int = 10, **options: Any) -> str:
        """Accepts a campaign and returns its id."""
        return self.accept(*numbers, max_live=max_live, **options)[1]

    def dialling(self, number: str = "+12025550100", **options: Any) -> str:
        """A call whose request is leaving."""
        call_id = self.call(number, **options)
        assert self.ledger.admit(50) == [call_id]
        assert isinstance(self.ledger.begin(call_id, "attempt"), Go)
        return call_id

    def placed(self, number: str = "+12025550100", sid: str = "CA1") -> str:
        """A call that Twilio has."""
        call_id = self.dialling(number)
        self.ledger.settle(call_id, CallState.PLACED, {"call_status": "queued"}, sid=sid, check_seconds=60)
        return call_id

    def cancel(self, task_id: str) -> list[str]:
        """Cancels a task as its client does; returns the script's answer."""
        return list(self._cancel(keys=[keys.PREFIX], args=[task_id, "cancelled", "", 30 * 86_400_000]))

    def task(self, task_id: str) -> dict[str, str]:
        """The record as it stands."""
        return dict(self.redis.hgetall(keys.task(task_id)))

    def state(self, task_id: str) -> str | None:
        state: str | None = self.redis.hget(keys.task(task_id), "state")
        return state

    def score(self, name: str, member: str) -> float | None:
        score: float | None = self.redis.zscore(keys.PREFIX + name, member)
        return score

    def now_ms(self) -> int:
        seconds, microseconds = self.redis.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def pass_time(self, seconds: float) -> None:
        """Makes everything that Redis holds older, as if so much time had passed."""
        for name in _ZSETS:
            shift = seconds * (1e6 if name in _US_ZSETS else 1e3)
            for member in self.redis.zrange(keys.PREFIX + name, 0, -1):
                self.redis.zincrby(keys.PREFIX + name, -shift, member)
        for left in self.redis.scan_iter(keys.PREFIX + "left:*"):
            for member in self.redis.zrange(left, 0, -1):
                self.redis.zincrby(left, -seconds * 1e6, member)
        for key in (
            *self.redis.scan_iter(keys.PREFIX + "pace:*"),
            keys.PREFIX + "halt",
            *self.redis.scan_iter(keys.task("*")),
        ):
            for field, value in self.redis.hgetall(key).items():
                unit = 1e3 if field.endswith("_ms") else 1e6 if field.endswith("_us") and field != "delay_us" else 0
                if unit:
                    self.redis.hset(key, field, f"{float(value) - seconds * unit:.0f}")
        self.redis.delete(keys.PREFIX + "asked:dispatch", keys.PREFIX + "asked:sweep")


@pytest.fixture
def store(redis: "Redis") -> Store:
    """Limits that are in nobody's way: 1,000 calls a second."""
    return Store(redis, 1000, 60_000, 1000)


@pytest.fixture
def paced(redis: "Redis") -> Store:
    """The contract's default limits."""
    return Store(redis, 1, 30, 50)
