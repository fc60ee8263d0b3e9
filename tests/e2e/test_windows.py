"""Calls leave while their windows are open, from HTTP through beat and Celery workers to the simulator."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.processes import wait_until
from tests.stack import Stack

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ALWAYS = {"windows": [{"days": DAYS, "start": "00:00", "end": "24:00"}]}


def closed() -> dict[str, Any]:
    """Windows that open next in two days."""
    off = [(datetime.now(UTC) + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)]
    return {**ALWAYS, "days_off": off}


def test_calls_leave_by_their_windows_and_by_their_end(stack: Stack) -> None:
    numbers, late = [f"+1212555{index:04d}" for index in range(3)], "+12125550900"
    waiting = stack.queue("queue-single-call", to_number=late, calling_windows=closed())
    held = stack.queue("queue-bulk-calls", phone_numbers=[late], calling_windows=closed())
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    ending = stack.queue("queue-bulk-calls", phone_numbers=[late], start="paused", expires_at=soon)
    stack.queue("queue-bulk-calls", phone_numbers=numbers, delay_between_calls=1, calling_windows=ALWAYS)
    wait_until(lambda: len(stack.simulator.calls_to(*numbers)) == 3, what="what is open was called")
    wait_until(
        lambda: "outside its calling windows, which open at" in stack.status(held)["message"],
        what="the closed campaign was planned",
    )
    wait_until(lambda: stack.status(ending)["status"] == "REVOKED", what="what did not begin by its end expired")
    assert stack.status(waiting)["message"].startswith("Waiting: outside its calling windows, which open at ")
    assert stack.simulator.calls_to(late) == []
