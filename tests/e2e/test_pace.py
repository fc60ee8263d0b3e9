"""Limits over all workers together, counted where the calls arrive."""

import time
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

import pytest

from tests.machine import Machine
from tests.processes import wait_until
from tests.stack import Stack

#: On a busy machine one request may take so much longer to arrive than the next. Windows are held against the bound.
ARRIVAL_SECONDS = 0.02


@pytest.fixture(scope="module")
def slow_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The contract's default limits: a call a second, of which 30 a minute may be single ones."""
    running = Stack(tmp_path_factory.mktemp("slow"))
    try:
        yield running.start(workers=2, beats=2)
    finally:
        running.stop()


def test_singles_at_thirty_a_minute_leave_two_seconds_apart(slow_stack: Stack, machine: Machine) -> None:
    numbers = [f"+120355500{index:02d}" for index in range(9)]
    for number in numbers:
        slow_stack.queue("queue-single-call", to_number=number)
    wait_until(lambda: len(slow_stack.simulator.calls_to(*numbers)) == len(numbers), 180, "all are placed")

    times = [call["created_at"] for call in slow_stack.simulator.calls_to(*numbers)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= 2 - ARRIVAL_SECONDS - machine.worst_seconds
    assert times[-1] - times[0] >= 2 * len(gaps) - machine.worst_seconds
    # If each waited until somebody looked, a second apart, it were half a second more.
    assert median(machine.seconds(*pair) for pair in pairwise(times)) < 2.4


def test_singles_and_campaigns_share_the_pace_of_the_account(slow_stack: Stack, machine: Machine) -> None:
    numbers = [f"+130355500{index:02d}" for index in range(9)]
    began = time.time()
    slow_stack.queue("queue-bulk-calls", phone_numbers=numbers[:3], delay_between_calls=1)
    slow_stack.queue("queue-bulk-calls", phone_numbers=numbers[3:6], delay_between_calls=1)
    for number in numbers[6:]:
        slow_stack.queue("queue-single-call", to_number=number)
    wait_until(lambda: len(slow_stack.simulator.calls_to(*numbers)) == 9, what="all are placed")

    times = [call["created_at"] for call in slow_stack.simulator.calls_to(*numbers)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= 1 - ARRIVAL_SECONDS - machine.worst_seconds
    assert machine.seconds(began, times[-1]) < 9 * 1.5 + 1


def test_the_estimate_grows_with_the_queue_ahead(slow_stack: Stack) -> None:
    answers = [
        slow_stack.post("queue-single-call", {"to_number": f"+140355500{index:02d}"}).json() for index in range(6)
    ]
    for answer in answers:
        slow_stack.cancel(answer["task_id"])
    estimates = [answer["estimated_completion"] for answer in answers]

    assert estimates == sorted(estimates)
    assert estimates[-1] > estimates[0]
