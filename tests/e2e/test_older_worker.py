"""A worker of the version before stands beside one of today's, as in every upgrade."""

from pathlib import Path

from tests.mistakes.repertoire import OLDER
from tests.processes import ROOT, wait_until
from tests.stack import Stack

CALLS = 60


def test_a_worker_that_knows_no_record_of_today_leaves_the_messages_to_those_that_do(tmp_path: Path) -> None:
    settings = {"CALLS_PER_SECOND": "10", "SINGLE_CALLS_PER_MINUTE": "600", "MAX_LIVE_CALLS": "500"}
    stack = Stack(tmp_path, settings, "--speed", "20")
    try:
        stack.start()
        today = next(process for process in stack.processes if process.name == "worker")
        older = stack.start_worker("threads", 2, PYTHONPATH=f"{OLDER}:{ROOT}")
        wait_until(lambda: stack.health()["workers"] == 2, what="the older one is there")
        for index in range(CALLS):
            stack.queue("queue-single-call", to_number=f"+1202554{index:04d}")
        wait_until(lambda: stack.simulator.created() == CALLS, 60, what="all are placed")
        assert older.output.count('"record_left_alone"') <= CALLS / 10
        assert older.output.count('"worker_yields_to_newer"') == 1
        assert stack.health()["workers"] == 2
        today.stop()
        stack.processes.remove(today)
        wait_until(lambda: '"worker_takes_calls_again"' in older.output, what="an upgrade that was taken back goes on")
        stack.queue("queue-single-call", to_number="+12025559999")
        wait_until(lambda: '"record_left_alone"' in older.output, what="it takes what is left to it")
    finally:
        stack.stop()
