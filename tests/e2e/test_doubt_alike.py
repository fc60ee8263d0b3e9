"""Two requests to one number whose outcome nobody knows: a guess might take one's call for the other's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.processes import wait_until
from tests.stack import Stack

#: As long as a request may create a call and lists may hide it (worker/calls/following.py), and some patience.
UNKNOWN_AFTER_SECONDS = 120.0


def _has_ended(stack: Stack, task_id: str) -> bool:
    return stack.status(task_id)["status"] in {"SUCCESS", "FAILURE"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"CALLS_PER_SECOND": "50", "SINGLE_CALLS_PER_MINUTE": "3000", "TWILIO_TIMEOUT_SECONDS": "2"}
    running = Stack(tmp_path_factory.mktemp("alike"), settings | {"RECONCILE_AFTER_SECONDS": "2"})
    try:
        yield running.start()
    finally:
        running.stop()


def test_of_two_calls_to_one_number_that_nobody_can_tell_apart_neither_is_taken_for_the_other(stack: Stack) -> None:
    """
    Without PUBLIC_BASE_URL: else Twilio's posts name the call that each is about. Both are due at one instant: of two
    that are far apart the first is found before there is another.
    """
    stack.simulator.fault(to="+12025555002", kind="lost_answer", times=2)
    due = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    ids = [stack.queue("schedule-call", to_number="+12025555002", schedule_time=due) for _ in range(2)]
    for task_id in ids:
        wait_until(partial(_has_ended, stack, task_id), UNKNOWN_AFTER_SECONDS, what="the outcome is known")
        status = stack.status(task_id)
        assert status["status"] == "FAILURE"
        assert "another request may have made" in status["error"]

    assert len(stack.simulator.calls_to("+12025555002")) == 2
