"""What admit.lua costs one Redis that holds 1,000 calls, and one that holds 1,000,000."""

import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from redis import Redis

from schemas import keys
from schemas.limits import Limits
from schemas.scripts import source
from tests.benchmarks.backlog import MONTH_MS, Backlog
from tests.benchmarks.table import Row, number
from tests.processes import RedisServer
from worker.ledger import Ledger

FEW: Final = 1_000
MANY: Final = 1_000_000
ADMISSIONS_A_ROUND: Final = 500
CAMPAIGNS: Final = 10
#: In nobody's way: what is measured is the choice, not the wait.
LIMITS: Final = Limits(1_000_000, 60_000_000, 1_000_000)


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """The one row; `folder` is empty."""
    medians_us: dict[int, list[float]] = {FEW: [], MANY: []}
    with ExitStack() as stack:
        lines = {pending: stack.enter_context(Line(folder / str(pending), pending)) for pending in (FEW, MANY)}
        for _ in range(rounds):
            # In turns, so that what disturbs the machine disturbs both, and each finds the caches full of others' data.
            taken_us = [
                {pending: line.admission_us() for pending, line in lines.items()} for _ in range(ADMISSIONS_A_ROUND)
            ]
            for pending, medians in medians_us.items():
                medians.append(statistics.median(taken[pending] for taken in taken_us))
    for pending, medians in medians_us.items():
        sys.stderr.write(f"  {pending:,}: {', '.join(map(number, medians))}\n")
    few, many = (statistics.median(medians) for medians in medians_us.values())
    yield Row(f"one admission with {MANY:,} calls pending", "µs", many, f"{FEW:,} pending", few, 1.1, "most")


class Line:
    """A Redis in which half of the calls are due later, and the others now: single ones, and campaigns of ten."""

    def __init__(self, folder: Path, pending: int) -> None:
        folder.mkdir()
        self._server = RedisServer(folder).start()
        self._redis = Redis.from_url(self._server.url, decode_responses=True)
        self._ledger = Ledger(self._redis, LIMITS, timeout_seconds=30, retention_days=30)
        self._cancel = self._redis.register_script(source("cancel"))
        self._backlog = Backlog(self._redis)
        for place in range(pending // 100):
            # Those beyond the first are of a lower rank: both lines are to admit from as many campaigns.
            self._backlog.campaign(10, rank=2 if place < CAMPAIGNS else 3)
        self._backlog.copies(self._backlog.call(MONTH_MS), pending // 2)
        self._backlog.copies(self._backlog.call(), pending // 2 - pending // 10)

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._redis.close()
        self._server.stop()

    def admission_us(self) -> int:
        """Time that Redis spends on admitting one call, which is cancelled then; another takes its place."""
        before_us = self._spent_us()
        (call_id,) = self._ledger.admit(1)
        took_us = self._spent_us() - before_us
        self._cancel(keys=[keys.PREFIX], args=[call_id, "cancelled", "", 1000])
        self._backlog.call()
        return took_us

    def _spent_us(self) -> int:
        return int(self._redis.info("commandstats").get("cmdstat_evalsha", {"usec": 0})["usec"])
