"""How late scheduled calls reach Twilio while a million others wait for next month."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from redis import Redis

from tests.benchmarks.backlog import MONTH_MS, Backlog
from tests.benchmarks.table import Row
from tests.processes import wait_until
from tests.stack import Stack

OTHERS: Final = 1_000_000
CALLS_A_ROUND: Final = 100
FIRST_AFTER_SECONDS: Final = 5.0
SPREAD_SECONDS: Final = 10.0  #: of the instants at which the calls of a round are due
#: In nobody's way: what is measured is the program, not the pace.
LIMITS: Final = {"CALLS_PER_SECOND": "1000", "SINGLE_CALLS_PER_MINUTE": "60000", "MAX_LIVE_CALLS": "100000"}


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """The one row; `folder` is empty."""
    stack = Stack(folder, LIMITS, "--speed", "10")
    try:
        with Redis.from_url(stack.redis.url, decode_responses=True) as redis:
            backlog = Backlog(redis)
            backlog.copies(backlog.call(MONTH_MS), OTHERS)
        stack.start()
        late_ms = [late for number in range(rounds) for late in _round(stack, number)]
    finally:
        stack.stop()
    p99_ms = sorted(late_ms)[len(late_ms) * 99 // 100]
    yield Row(f"lateness of scheduled calls, p99, {OTHERS:,} others waiting", "ms", p99_ms, "allowed", 50, 1, "most")


def _round(stack: Stack, number: int) -> list[float]:
    chosen = random.Random(number)
    begin = time.time() + FIRST_AFTER_SECONDS
    due = {
        f"+1202{200 + number:03d}{index:03d}9": begin + chosen.uniform(0, SPREAD_SECONDS)
        for index in range(CALLS_A_ROUND)
    }
    for to_number, at in due.items():
        stack.queue("schedule-call", to_number=to_number, schedule_time=datetime.fromtimestamp(at, UTC).isoformat())
    time.sleep(max(due.values()) - time.time())  # asking all the time would hold up what is measured
    calls = wait_until(lambda: len(made := stack.simulator.calls_to(*due)) == len(due) and made, 20, "all calls")
    return [(call["created_at"] - due[call["to"]]) * 1000 for call in calls]
