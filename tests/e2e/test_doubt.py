"""Requests whose outcome nobody knows: looked up, never repeated."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.processes import Simulator, wait_until
from tests.stack import Stack

SETTINGS = {
    "CALLS_PER_SECOND": "50",
    "SINGLE_CALLS_PER_MINUTE": "3000",
    "TWILIO_TIMEOUT_SECONDS": "2",
    "RECONCILE_AFTER_SECONDS": "2",
}


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that makes up its mind after four seconds."""
    running = Stack(tmp_path_factory.mktemp("doubtful"), SETTINGS)
    try:
        yield running.start()
    finally:
        running.stop()


def _settled(stack: Stack, task_id: str) -> dict[str, Any]:
    wait_until(lambda: stack.status(task_id)["status"] in {"SUCCESS", "FAILURE"}, 30, "the outcome is known")
    return stack.status(task_id)


def _posts(simulator: Simulator, number: str) -> int:
    return sum(request["to"] == number for request in simulator.requests())


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("lost_answer", "+12025553001"),
        ("reset_after", "+12025553002"),
        ("error_after", "+12025553003"),
        ("hang", "+12025553004"),
    ],
)
def test_a_call_that_twilio_took_without_saying_so_is_found(doubtful: Stack, kind: str, number: str) -> None:
    doubtful.simulator.fault(to=number, kind=kind, times=1)
    status = _settled(doubtful, doubtful.queue("queue-single-call", to_number=number))

    assert status["status"] == "SUCCESS"
    assert status["result"]["call_sid"] == doubtful.simulator.calls_to(number)[0]["sid"]
    assert len(doubtful.simulator.calls_to(number)) == 1
    assert _posts(doubtful.simulator, number) == 1


@pytest.mark.parametrize(
    ("kind", "number"),
    [("reset_before", "+12025554001"), ("error_before", "+12025554002"), ("unavailable", "+12025554003")],
)
def test_a_call_that_twilio_never_took_ends_unknown_and_is_not_dialled_again(
    doubtful: Stack, kind: str, number: str
) -> None:
    doubtful.simulator.fault(to=number, kind=kind, times=1)
    status = _settled(doubtful, doubtful.queue("queue-single-call", to_number=number))

    assert status["status"] == "FAILURE"
    assert status["error"].startswith("Outcome unknown")
    assert status["result"]["call_status"] == "unknown"
    assert _posts(doubtful.simulator, number) == 1
    assert doubtful.simulator.calls_to(number) == []


def test_a_call_that_twilio_did_not_process_waits_and_goes(doubtful: Stack) -> None:
    doubtful.simulator.fault(to="+12025555001", kind="too_many", times=3)
    status = _settled(doubtful, doubtful.queue("queue-single-call", to_number="+12025555001"))

    assert status["status"] == "SUCCESS"
    assert _posts(doubtful.simulator, "+12025555001") == 4
    assert len(doubtful.simulator.calls_to("+12025555001")) == 1


def test_two_calls_to_one_number_are_each_found(doubtful: Stack) -> None:
    doubtful.simulator.fault(to="+12025555002", kind="lost_answer", times=2)
    ids = [doubtful.queue("queue-single-call", to_number="+12025555002") for _ in range(2)]
    sids = {_settled(doubtful, task_id)["result"]["call_sid"] for task_id in ids}

    assert sids == {call["sid"] for call in doubtful.simulator.calls_to("+12025555002")}
    assert len(sids) == 2


def test_a_worker_killed_while_it_dials_leaves_a_call_that_is_found(doubtful: Stack) -> None:
    doubtful.simulator.fault(to="+12025555003", kind="hang", times=1)
    task_id = doubtful.queue("queue-single-call", to_number="+12025555003")
    wait_until(lambda: doubtful.simulator.calls_to("+12025555003"))
    worker = next(process for process in doubtful.processes if process.name == "worker")
    worker.kill()
    doubtful.processes.remove(worker)
    doubtful.start_worker()
    status = _settled(doubtful, task_id)

    assert status["status"] == "SUCCESS"
    assert _posts(doubtful.simulator, "+12025555003") == 1


def test_messages_lost_with_their_worker_are_sent_again(doubtful: Stack) -> None:
    worker = next(process for process in doubtful.processes if process.name == "worker")
    worker.kill()
    doubtful.processes.remove(worker)
    numbers = [f"+120255560{index:02d}" for index in range(5)]
    ids = [doubtful.queue("queue-single-call", to_number=number) for number in numbers]
    doubtful.start_worker()
    for task_id in ids:
        assert _settled(doubtful, task_id)["status"] == "SUCCESS"

    assert sorted(call["to"] for call in doubtful.simulator.calls_to(*numbers)) == numbers
