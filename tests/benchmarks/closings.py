"""How soon campaigns whose windows close at one instant are planned for their next opening."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from redis import Redis

from schemas import keys
from tests.benchmarks.table import Row
from tests.processes import wait_until
from tests.stack import Stack

CAMPAIGNS: Final = 100
NUMBERS: Final = 1000
#: Of the numbers; in one zone, so that all windows close at once.
ZONE: Final = "America/New_York"
#: Enough to accept the campaigns and look their zones up.
OPEN_MINUTES: Final = 4
ALLOWED_SECONDS: Final = 2.0
_HOUR_MS: Final = 3_600_000


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """The one row; `folder` is empty. One round tells all."""
    del rounds
    stack = Stack(folder).start()
    try:
        with Redis.from_url(stack.redis.url, decode_responses=True) as redis:
            seconds = _planned_after(stack, redis)
    finally:
        stack.stop()
    what = f"{CAMPAIGNS * NUMBERS:,} numbers whose windows close at one instant, planned anew"
    yield Row(what, "s", seconds, "allowed", ALLOWED_SECONDS, 1, "most")


def _planned_after(stack: Stack, redis: "Redis") -> float:
    """Seconds from the closing until the last of them has its next opening."""
    hours = _hours()
    for campaign in range(CAMPAIGNS):
        numbers = [f"+1212{200 + campaign:03d}{place:04d}" for place in range(NUMBERS)]
        stack.queue("queue-bulk-calls", phone_numbers=numbers, start="paused", calling_windows=hours)
    closing = keys.PREFIX + "closing"
    wait_until(lambda: redis.zcard(closing) == CAMPAIGNS and _all_planned(redis), 120, "all are planned")
    closes_ms = max(float(redis.zscore(closing, str(one)) or 0) for one in redis.zrange(closing, 0, -1))
    assert closes_ms > time.time() * 1000, "they closed before all were planned"
    wait_until(lambda: redis.zcount(closing, "-inf", closes_ms + _HOUR_MS) == 0, 600, "all are planned anew")
    return time.time() - closes_ms / 1000


def _all_planned(redis: "Redis") -> bool:
    return all("#" in str(member) for member in redis.zrange(keys.PREFIX + "closing", 0, -1))


def _hours() -> dict[str, Any]:
    end = datetime.now(ZoneInfo(ZONE)) + timedelta(minutes=OPEN_MINUTES)
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    window = {"days": days, "start": f"{end - timedelta(hours=2):%H:%M}", "end": f"{end:%H:%M}"}
    return {"timezone": "recipient", "windows": [window]}
