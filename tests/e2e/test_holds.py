"""An account whose POSTs Twilio refuses, or queues: nothing is lost, and it goes on by itself."""

from pathlib import Path

from tests.processes import wait_until
from tests.stack import Stack

SETTINGS = {"CALLS_PER_SECOND": "50", "SINGLE_CALLS_PER_MINUTE": "3000"}


def test_while_posts_are_refused_and_reads_pass_no_call_fails_and_none_is_dialled_twice(tmp_path: Path) -> None:
    stack = Stack(tmp_path, SETTINGS).start()
    try:
        stack.simulator.fault(to=None, kind="refuse", code=10005, status=403, times=3)
        single = stack.queue("queue-single-call", to_number="+12025559001")
        campaign = stack.queue(
            "queue-bulk-calls", phone_numbers=[f"+120255591{index:02}" for index in range(3)], delay_between_calls=1
        )
        wait_until(lambda: stack.health().get("account_error"))
        assert stack.status(single)["status"] == "PENDING"
        wait_until(lambda: all(stack.status(task)["status"] == "SUCCESS" for task in (single, campaign)), 60)

        assert stack.health()["status"] == "healthy"
        assert stack.status(campaign)["result"]["counts"]["failed"] == 0
        assert len(stack.simulator.requests()) == 3 + 4
        assert all(len(stack.simulator.calls_to(number)) == 1 for number in ("+12025559001", "+12025559100"))
    finally:
        stack.stop()


def test_a_call_that_alone_is_refused_by_what_stands_between_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    stack = Stack(tmp_path, SETTINGS).start()
    try:
        stack.simulator.fault(to="+12025559200", kind="proxy", status=403, times=None)
        refused = stack.queue("queue-single-call", to_number="+12025559200")
        wait_until(lambda: stack.health().get("account_error"))
        others = [stack.queue("queue-single-call", to_number=f"+120255592{index:02}") for index in range(1, 7)]
        wait_until(lambda: all(stack.status(task)["status"] == "SUCCESS" for task in others), 30)
        wait_until(lambda: stack.health()["status"] == "healthy", 30)

        assert stack.status(refused)["status"] == "PENDING"
        assert stack.simulator.calls_to("+12025559200") == []
    finally:
        stack.stop()


def test_what_would_wait_in_twilios_own_queue_waits_here(tmp_path: Path) -> None:
    """The account may have fewer calls a second than CALLS_PER_SECOND, or another program takes some of them."""
    stack = Stack(tmp_path, SETTINGS, "--calls-per-second", "0.2").start()
    try:
        first, second, third = (f"+120255593{index:02}" for index in range(3))
        stack.queue("queue-single-call", to_number=first)
        queued = stack.queue("queue-single-call", to_number=second)
        wait_until(lambda: stack.status(queued)["result"].get("call_sid"))
        waits = stack.queue("queue-single-call", to_number=third)
        wait_until(lambda: stack.status(waits)["result"].get("waiting_for") == "account")
        wait_until(lambda: stack.simulator.calls_to(third))
        times = [call["created_at"] for call in stack.simulator.calls_to(second, third)]
        assert times[-1] - times[0] > 3.5  # the second is dialled five seconds after the first
    finally:
        stack.stop()
