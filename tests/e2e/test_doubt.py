"""
Requests whose outcome nobody knows: looked up, never repeated, and unknown after a minute.

What a test waits this minute for is begun before the first of them, and looked at by the last.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.e2e.counting import Counting, total
from tests.e2e.torture import CALLS_PER_SECOND, Torture
from tests.processes import PATIENCE_SECONDS, Simulator, wait_until
from tests.stack import Stack

SETTINGS = {
    "CALLS_PER_SECOND": "50",
    "SINGLE_CALLS_PER_MINUTE": "3000",
    "TWILIO_TIMEOUT_SECONDS": "2",
    "RECONCILE_AFTER_SECONDS": "2",
}


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that looks for what it is in doubt about as seldom as it may."""
    running = Stack(tmp_path_factory.mktemp("doubtful"), SETTINGS)
    try:
        yield running.start()
    finally:
        running.stop()


#: A request may create a call until its time is over and lists show it: see worker/calls/following.py.
UNKNOWN_AFTER_SECONDS = 120.0
ALIKE = "+12025555002"


@pytest.fixture(scope="module")
def never_taken(doubtful: Stack) -> dict[str, str]:
    """Calls that Twilio never took, by their numbers. They stay in doubt for a minute, while the other tests run."""
    ids = {}
    kinds = {"reset_before": "+12025554001", "error_before": "+12025554002", "unavailable": "+12025554003"}
    for kind, number in kinds.items():
        _take_one(doubtful)
        doubtful.simulator.fault(to=number, kind=kind, times=1)
        ids[number] = doubtful.queue("queue-single-call", to_number=number)
        wait_until(partial(_posts, doubtful.simulator, number))
    return ids


@pytest.fixture(scope="module")
def alike(doubtful: Stack) -> list[str]:
    """
    Two calls to one number of which Twilio took both without saying so, in doubt for as long.

    Without PUBLIC_BASE_URL: else Twilio's posts name the call that each is about. Both are due at one instant: of two
    that are far apart, or whose answers are lost at once, the first is found before there is another.
    """
    _take_one(doubtful)
    doubtful.simulator.fault(to=ALIKE, kind="hang", times=2)
    due = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    ids = [doubtful.queue("schedule-call", to_number=ALIKE, schedule_time=due) for _ in range(2)]
    wait_until(lambda: _posts(doubtful.simulator, ALIKE) == 2, what="both left")
    return ids


@pytest.fixture(autouse=True)
def well(doubtful: Stack, never_taken: dict[str, str], alike: list[str], counting: Counting, tortured: Torture) -> None:
    """Unknown outcomes in a row hold everything, so Twilio takes a call before each test."""
    _take_one(doubtful)


def _take_one(stack: Stack) -> None:
    task_id = stack.queue("queue-single-call", to_number="+12025550000")
    assert _settled(stack, task_id)["status"] == "SUCCESS"


def _settled(stack: Stack, task_id: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
    known = {"SUCCESS", "FAILURE"}
    wait_until(lambda: stack.status(task_id)["status"] in known, seconds, what="the outcome is known")
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


def test_a_call_that_twilio_did_not_process_waits_and_goes(doubtful: Stack) -> None:
    doubtful.simulator.fault(to="+12025555001", kind="too_many", times=3)
    status = _settled(doubtful, doubtful.queue("queue-single-call", to_number="+12025555001"))

    assert status["status"] == "SUCCESS"
    assert _posts(doubtful.simulator, "+12025555001") == 4
    assert len(doubtful.simulator.calls_to("+12025555001")) == 1


def test_calls_that_twilio_never_took_end_unknown_and_are_not_dialled_again(
    doubtful: Stack, never_taken: dict[str, str]
) -> None:
    for number, task_id in never_taken.items():
        status = _settled(doubtful, task_id, UNKNOWN_AFTER_SECONDS)
        assert status["status"] == "FAILURE"
        assert status["error"].startswith("Outcome unknown")
        assert status["result"]["call_status"] == "unknown"
        assert _posts(doubtful.simulator, number) == 1
        assert doubtful.simulator.calls_to(number) == []


def test_of_two_calls_to_one_number_that_nobody_can_tell_apart_neither_is_taken_for_the_other(
    doubtful: Stack, alike: list[str]
) -> None:
    for task_id in alike:
        status = _settled(doubtful, task_id, UNKNOWN_AFTER_SECONDS)
        assert status["status"] == "FAILURE"
        assert "another request may have made" in status["error"]

    assert len(doubtful.simulator.calls_to(ALIKE)) == 2


def test_each_worker_counts_what_all_of_its_processes_did(counting: Counting) -> None:
    wait_until(lambda: counting.logged("call_unknown") == 2, UNKNOWN_AFTER_SECONDS)  # in doubt, and given up
    samples = counting.samples()
    for pool, of_worker in samples.items():
        placed = counting.logged("call_placed", pool)
        assert placed > 0
        assert of_worker["calls_settled_total", "none", "placed"] == placed
        assert of_worker["call_lateness_seconds_count",] >= placed
        assert of_worker["twilio_request_seconds_count", "place"] >= placed
    assert total(samples, "calls_settled_total", "number", "refused") == 1
    assert total(samples, "calls_settled_total", "none", "in_doubt") == 1
    assert total(samples, "calls_unknown_total") == 1


def test_under_kills_pauses_and_faults_nothing_is_lost_doubled_or_too_fast(tortured: Torture) -> None:
    verdict = tortured.verdict()
    told = f"seed {tortured.rig.seed}: {verdict}; {dict(tortured.broken)}"

    assert (verdict.duplicates, verdict.lost, verdict.uninvited, verdict.unsettled, verdict.denied) == (0,) * 5, told
    assert verdict.accepted == 150, told
    assert verdict.most_in_ten_seconds <= 10 * CALLS_PER_SECOND, told
    assert verdict.most_in_second <= CALLS_PER_SECOND, told
