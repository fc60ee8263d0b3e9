"""
What admit.lua costs a Redis in which 1,000 calls wait, and one in which 1,000,000 do.

All are alike but for their sizes. Each line of due calls has campaigns that go first and campaigns that stay behind it.
None rewrites its append-only file: after a fork the first change of each of millions of pages is dear, and no table
grows until the child has ended, so that its growing would be measured. Which of the keys that every admission needs
stand behind others in Redis's table is drawn at its start, so every round has servers of its own.

A thousand calls stay in the processor's caches and half a million due ones do not: that is meant to be measured, and
grows with what else uses the machine's memory.
"""

import shutil
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from redis import Redis

from runtime.scripts import ScriptRunner
from schemas.limits import Limits
from schemas.scripts.cancel import cancel
from tests.benchmarks.backlog import MONTH_MS, Backlog
from tests.benchmarks.table import Row, number
from tests.processes import RedisServer
from worker.ledger import Ledger

#: How many single calls are due and how many later; besides, a tenth of the due ones or more in campaigns of ten.
FEW: Final = (500, 500)
LATER: Final = (500, 1_000_000)
DUE: Final = (500_000, 500_000)
ADMISSIONS_A_ROUND: Final = 500
CAMPAIGNS: Final = 5
#: In nobody's way: what is measured is the choice, not the wait.
LIMITS: Final = Limits(1_000_000, 60_000_000, 1_000_000)


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """One row for a million calls that are due later, one for a million of which half are due; `folder` is empty."""
    medians_us: dict[tuple[int, int], list[float]] = {FEW: [], LATER: [], DUE: []}
    for _ in range(rounds):
        with ExitStack() as stack:
            lines = [stack.enter_context(Line(folder / f"{due}-{later}", due, later)) for due, later in medians_us]
            # In turns, so that what disturbs the machine disturbs all, and each finds the caches full of others' data.
            taken_us = [[line.admission_us() for line in lines] for _ in range(ADMISSIONS_A_ROUND)]
            for medians, taken in zip(medians_us.values(), zip(*taken_us, strict=True), strict=True):
                medians.append(statistics.median(taken))
    for (due, later), medians in medians_us.items():
        sys.stderr.write(f"  {due:,} due, {later:,} later: {', '.join(map(number, medians))}\n")
    few, later_us, due_us = (statistics.median(medians) for medians in medians_us.values())
    for what, us in (("1,000,000 calls pending for later", later_us), ("1,000,000 pending, half of them due", due_us)):
        yield Row(f"one admission, {what}", "µs", us, "1,000 pending", few, 1.1, "most")


class Line:
    """A Redis in which so many calls are due, and so many later."""

    def __init__(self, folder: Path, due: int, later: int) -> None:
        folder.mkdir()
        self._folder = folder
        self._server = RedisServer(folder).start()
        self._redis = Redis.from_url(self._server.url, decode_responses=True)
        self._ledger = Ledger(self._redis, LIMITS, timeout_seconds=30, retention_days=30)
        self._scripts = ScriptRunner(self._redis)
        self._backlog = Backlog(self._redis)
        self._redis.config_set("auto-aof-rewrite-percentage", 0)
        for place in range(max(due // 100, 2 * CAMPAIGNS)):
            # Some go first, all others last: each line is to admit from as many campaigns, and to pass by others.
            self._backlog.campaign(10, rank=1 if place < CAMPAIGNS else 3)
        self._backlog.copies(self._backlog.call(MONTH_MS), later)
        self._backlog.copies(self._backlog.call(), due)

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._redis.close()
        self._server.stop()
        shutil.rmtree(self._folder)

    def admission_us(self) -> int:
        """Time that Redis spends on admitting one call, which is cancelled then; another takes its place."""
        before_us = self._spent_us()
        (call_id,) = self._ledger.admit(1)
        took_us = self._spent_us() - before_us
        self._scripts.run(cancel(call_id, retention_days=1))
        self._backlog.call()
        return took_us

    def _spent_us(self) -> int:
        return int(self._redis.info("commandstats").get("cmdstat_evalsha", {"usec": 0})["usec"])
