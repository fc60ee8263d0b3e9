"""Bulk calls, from HTTP through Celery workers to the simulator and back."""

import os
import subprocess
import sys
from itertools import pairwise
from typing import Any

from tests.machine import Machine
from tests.processes import ROOT, wait_until
from tests.stack import Stack

TOLERANCE_SECONDS = 0.02


def _numbers(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{index:04d}" for index in range(count)]


def _gaps(calls: list[dict[str, Any]]) -> list[float]:
    times = [call["created_at"] for call in calls]
    return [later - earlier for earlier, later in pairwise(times)]


def _most_live(calls: list[dict[str, Any]]) -> int:
    events = sorted(
        [(call["created_at"], 1) for call in calls] + [(call["ended"], -1) for call in calls if call["ended"]]
    )
    live = most = 0
    for _, change in events:
        live += change
        most = max(most, live)
    return most


def test_a_campaign_keeps_its_pace_and_its_concurrency_and_adds_up(stack: Stack, machine: Machine) -> None:
    numbers = _numbers("+1202555", 12)
    body = {"phone_numbers": [*numbers, *numbers[:3]], "delay_between_calls": 1, "max_concurrent_calls": 3}
    for number in numbers:
        # At ten times the speed: three are live at once, and the second look, after four seconds, finds each over.
        stack.simulator.script(number, outcome="answered", ring_seconds=10, talk_seconds=27)
    stack.simulator.script(numbers[5], outcome="busy", ring_seconds=10)
    task_id = stack.queue("queue-bulk-calls", **body)
    seen = []

    def finished() -> bool:
        status = stack.status(task_id)
        counts = dict(status["result"]["counts"])
        assert counts.pop("total") == 12
        assert sum(counts.values()) == 12
        seen.append((status["status"], status["progress"], counts["live"]))
        return bool(status["status"] == "SUCCESS")

    wait_until(finished, what="the campaign is finished")
    calls = stack.simulator.calls_to(*numbers)
    assert sorted(call["to"] for call in calls) == sorted(numbers)
    assert [call["to"] for call in calls] == numbers
    assert min(_gaps(calls)) >= 1 - TOLERANCE_SECONDS - machine.worst_seconds
    assert _most_live(calls) == 3
    assert max(live for _, _, live in seen) <= 3
    assert {status for status, _, _ in seen} <= {"PENDING", "PROGRESS", "SUCCESS"}
    progress = [percent for _, percent, _ in seen]
    assert progress == sorted(progress)
    counts = stack.status(task_id)["result"]["counts"]
    assert (counts["completed"], counts["busy"], counts["waiting"], counts["live"]) == (11, 1, 0, 0)


def test_cancelling_in_the_middle_leaves_the_rest_unplaced_for_good(stack: Stack) -> None:
    numbers = _numbers("+1303555", 10)
    task_id = stack.queue("queue-bulk-calls", phone_numbers=numbers, delay_between_calls=1)
    wait_until(lambda: len(stack.simulator.calls_to(*numbers)) == 4, what="the fourth call")
    assert stack.cancel(task_id).status_code == 200
    marker = stack.queue("queue-bulk-calls", phone_numbers=_numbers("+1404555", 3), delay_between_calls=1)
    wait_until(lambda: stack.status(marker)["status"] == "SUCCESS")

    calls = stack.simulator.calls_to(*numbers)
    assert len(calls) == 4
    assert all(call["ended"] for call in calls)
    status = stack.status(task_id)
    counts = status["result"]["counts"]
    assert status["status"] == "REVOKED"
    assert (counts["waiting"], counts["live"]) == (0, 0)
    assert counts["canceled"] >= 6
    assert stack.cancel(task_id).status_code == 200


def test_a_number_that_twilio_refuses_does_not_stop_the_campaign(stack: Stack) -> None:
    numbers = ["+16065550000", "+15005550001", "+16065550002"]
    task_id = stack.queue("queue-bulk-calls", phone_numbers=numbers, delay_between_calls=1)
    wait_until(lambda: stack.status(task_id)["status"] == "SUCCESS")

    counts = stack.status(task_id)["result"]["counts"]
    assert (counts["completed"], counts["failed"]) == (2, 1)


def test_an_urgent_campaign_goes_before_the_calls_of_a_normal_one(stack: Stack) -> None:
    """All are due at once, when the operator lets calls go again. Those that leave together may overtake each other."""
    normal = [f"+170755551{index:02d}" for index in range(20)]
    _operate(stack, "drain")
    try:
        for number in normal:
            stack.queue("queue-single-call", to_number=number)
        stack.queue("queue-single-call", to_number="+17075555200", call_metadata={"priority": "high"})
    finally:
        _operate(stack, "resume")
    wait_until(lambda: len(stack.simulator.calls_to(*normal, "+17075555200")) == 21)

    assert "+17075555200" in [call["to"] for call in stack.simulator.calls_to(*normal, "+17075555200")[:10]]


def _operate(stack: Stack, word: str) -> None:
    command = [sys.executable, "-m", "worker.admin", word]
    subprocess.run(command, env={**os.environ, **stack.env}, cwd=ROOT, check=True, capture_output=True, timeout=60)
