"""
The torture of tests/e2e/torture.py on the plain Celery task: python -m tests.benchmarks.torture_plain

The same breaker, the same faults of Twilio, the same oracle. Calls are paced with `countdown`, statuses come from the
result backend, and a call is accepted when `apply_async` returned.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from celery.result import AsyncResult
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tests.e2e.chaos import Chaos
from tests.e2e.oracle import Verdict, judge
from tests.e2e.rig import FAULTS
from tests.processes import BIN, Process
from tests.stack import Stack

CALLS_PER_SECOND = 6.0
WORKERS = ("threads", "threads", "prefork")
SETTLE_SECONDS = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--redis-restarts", type=int, default=20)
    options = parser.parse_args()
    print(f"plain Celery, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        stack = Stack(Path(scratch), {}, "--speed", "20", "--seed", str(options.seed))
        stack.env["PLAIN_BROKER_URL"] = stack.redis.url
        try:
            verdict = torture(stack, options)
        finally:
            stack.stop()
    print(f"{verdict} (bounds {CALLS_PER_SECOND:g} and {10 * CALLS_PER_SECOND:g})")
    return 0


def torture(stack: Stack, options: argparse.Namespace) -> Verdict:
    """One run."""
    restart: dict[int, Callable[[], Process]] = {}
    for place, pool in enumerate(WORKERS):
        restart[place] = partial(start_worker, stack, pool)
        restart[place]()
    for kind, probability in FAULTS.items():
        stack.simulator.fault(to=None, kind=kind, probability=probability, times=None)
    chaos = Chaos(stack, options.seed, 1.2, restart)
    chaos.start()
    tasks = load(stack, options.calls)
    chaos.wait_for(options.kills, options.redis_restarts, seconds=3600)
    chaos.stop()
    print(f"broken: {dict(sorted(chaos.broken.items()))}, {chaos.kills} kills in all")
    statuses = settled(tasks)
    numbers = {task_id: [number] for task_id, (number, _) in tasks.items()}
    return judge(numbers, statuses, stack.simulator.calls(), CALLS_PER_SECOND)


def start_worker(stack: Stack, pool: str) -> Process:
    command = [str(BIN / "celery"), "-A", "tests.benchmarks.plain_celery", "worker", "--pool", pool]
    command += ["--concurrency", "6" if pool == "threads" else "3", "--without-gossip", "--without-mingle"]
    process = Process("worker", command, stack.folder, stack.env)
    stack.processes.append(process)
    return process


def load(stack: Stack, calls: int) -> dict[str, tuple[str, AsyncResult[Any]]]:
    """Every call with the countdown that paces it; a publish that fails is tried again, as a client would."""
    os.environ.update(stack.env)
    from tests.benchmarks.plain_celery import call  # noqa: PLC0415 - it reads the environment when imported

    tasks = {}
    for index in range(calls):
        number = f"+1202{200_000 + index:06d}9"
        while True:
            try:
                result = call.apply_async((number,), countdown=index / CALLS_PER_SECOND)
                break
            except (OperationalError, RedisError):
                time.sleep(0.1)
        tasks[result.id] = (number, result)
    return tasks


def settled(tasks: dict[str, tuple[str, AsyncResult[Any]]]) -> dict[str, dict[str, Any]]:
    """What the result backend says at the end."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        states = {task_id: str(result.state) for task_id, (_, result) in tasks.items()}
        if time.monotonic() > deadline or all(state in {"SUCCESS", "FAILURE"} for state in states.values()):
            return {task_id: {"status": state, "result": None} for task_id, state in states.items()}
        time.sleep(5)


if __name__ == "__main__":
    sys.exit(main())
