"""Campaigns whose rows may be called only while windows are open, at a time that a test sets."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from redis import Redis

from schemas.campaigns.rows import Row
from schemas.hours.plan import Policy
from schemas.hours.setting import read_windows
from schemas.hours.window import Hours
from tests.scripts.clockwork import clockwork
from tests.scripts.conftest import Store
from worker.calls.planning import plan_closed

NEW_YORK, CHICAGO, LOS_ANGELES = "America/New_York", "America/Chicago", "America/Los_Angeles"
IN_NEW_YORK, IN_LOS_ANGELES = "+12125550100", "+12135550100"
DAYTIME = read_windows("mon-sun 08:00-21:00")
NONE = Policy()


class Clock:
    """The time of all scripts."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    def set(self, text: str, zone: str) -> datetime:
        at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        self._redis.hset("clock", mapping={"seconds": int(at.timestamp()), "microseconds": 0})
        return at


@pytest.fixture
def clock(redis: "Redis") -> Any:
    with clockwork():
        yield Clock(redis)


def campaign(store: Store, *rows: Row | str, hours: Hours | None = DAYTIME, **options: Any) -> str:
    """A campaign whose rows have windows, as it is accepted: nothing of it is planned."""
    given = [row if isinstance(row, Row) else Row(row) for row in rows]
    own = {"windows": hours.text()} if hours else {}
    return store.campaign(*given, max_live=1000, unplanned=1, delay_seconds=0.001, **own, **options)


def sweep(store: Store, policy: Policy = NONE) -> None:
    while plan_closed(store.ledger, policy):
        pass


def admitted(store: Store) -> list[str]:
    return [str(int(call.rpartition("-")[2])) for call in store.ledger.admit(50)]
