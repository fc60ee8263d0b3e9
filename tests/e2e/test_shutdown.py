"""SIGTERM to workers of every pool: what is under way is finished in time, or left to be looked up."""

import time
from pathlib import Path

from tests.e2e.conftest import QUICK
from tests.machine import Machine
from tests.processes import wait_until
from tests.stack import Stack
from worker.shutdown import SHUTDOWN_SECONDS

POOLS = ("prefork", "threads", "solo")
NUMBERS = [f"+1202555060{index}" for index in range(4)]
WAITING = "+12025550609"


def test_a_worker_finishes_what_it_can_takes_nothing_new_and_ends_in_time(tmp_path: Path, machine: Machine) -> None:
    """Twilio takes 4 s for the call of one worker, and answers the calls of the three others never."""
    stack = Stack(tmp_path, {**QUICK, "TWILIO_TIMEOUT_SECONDS": "30"})
    try:
        workers = [stack.start_worker(pool, 1, "--disable-prefetch") for pool in (*POOLS, "threads")]
        stack.start(workers=0)
        wait_until(lambda: stack.health()["workers"] == len(workers))
        for number in NUMBERS:
            kind = {"kind": "slow", "seconds": 4} if number == NUMBERS[-1] else {"kind": "hang"}
            stack.simulator.fault(to=number, **kind)
        *hung, slow = (stack.queue("queue-single-call", to_number=number) for number in NUMBERS)
        wait_until(lambda: len(stack.simulator.requests()) == len(workers))
        waiting = stack.queue("queue-single-call", to_number=WAITING)
        watch, began = machine.stopwatch(), time.monotonic()
        for worker in workers:
            worker.terminate()

        wait_until(lambda: stack.status(slow)["status"] == "SUCCESS", what="the slow answer is recorded")
        assert [worker.stop() for worker in workers] == [0] * len(workers)
        cut_off = [worker for worker in workers if "shutdown_cut_off" in worker.output]
        assert len(cut_off) == len(hung)  # the fourth ended of itself, before its time was over
        assert time.monotonic() - began > SHUTDOWN_SECONDS - 1
        assert watch.seconds < 2 * SHUTDOWN_SECONDS  # and Twilio's is thirty
        assert {stack.status(task)["status"] for task in hung} == {"PROGRESS"}
        assert len(stack.simulator.requests()) == len(workers)
        assert stack.status(waiting)["status"] == "PENDING"
    finally:
        stack.stop()
