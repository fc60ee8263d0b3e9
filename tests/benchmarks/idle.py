"""What a worker and a beat cost while there is nothing to do."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.benchmarks.table import Row
from tests.stack import Stack

SETTLE_SECONDS: Final = 10
SECONDS_A_ROUND: Final = 12
POOLS: Final = {"threads": 8, "prefork": 4}


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """One row for each pool; `folder` is empty."""
    stack = Stack(folder)
    try:
        workers = {pool: stack.start_worker(pool, concurrency) for pool, concurrency in POOLS.items()}
        stack.start(workers=0)
        beat = stack.processes[-1]
        time.sleep(SETTLE_SECONDS)
        before = {process: cpu_seconds(process.pid) for process in (beat, *workers.values())}
        seconds = rounds * SECONDS_A_ROUND
        time.sleep(seconds)
        percent = {process: 100 * (cpu_seconds(process.pid) - begun) / seconds for process, begun in before.items()}
    finally:
        stack.stop()
    for pool, worker in workers.items():
        what = f"idle cost of a worker ({pool}, {POOLS[pool]}) and a beat over {seconds} s"
        yield Row(what, "% of a core", percent[worker] + percent[beat], "allowed", 1, 1, "most")


def cpu_seconds(pid: int) -> float:
    """What a process and its children have used, to the nanosecond (proc(5))."""
    return sum(int(task.joinpath("schedstat").read_text().split()[0]) for task in _threads(pid)) / 1e9


def _threads(pid: int) -> Iterator[Path]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield task
        for child in task.joinpath("children").read_text().split():
            yield from _threads(int(child))
