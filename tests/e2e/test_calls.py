"""One call, from HTTP through a Celery worker to the simulator and back to task-status."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from celery import Celery
from redis import Redis

from runtime.scripts import ScriptRunner
from schemas.scripts.holds import drain, resume
from tests.machine import Machine
from tests.processes import BASE_PATH, FROM_NUMBER, wait_until
from tests.stack import Stack

#: Ten times what is promised, which `make bench ARGS=lateness` measures and tests/scripts holds: others are busy here.
LATE_SECONDS = 2.5


def _is_in_time(machine: Machine, call: dict[str, Any], due: float) -> bool:
    """Whether the call was created when it was due, and not when somebody happened to look."""
    return bool(due <= call["created_at"] and machine.seconds(due, call["created_at"]) < LATE_SECONDS)


@contextmanager
def _nobody_looks(stack: Stack) -> Iterator[None]:
    """Within, no beat looks whether a call is due: one that is placed nevertheless was placed by who accepted it."""
    beats = [process for process in stack.processes if process.name == "beat"]
    for beat in beats:
        beat.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for beat in beats:
            beat.signal(signal.SIGCONT)


def _ended(stack: Stack, task_id: str) -> bool:
    return bool(stack.status(task_id)["result"].get("ended_at"))


def test_a_call_is_placed_at_once_and_followed_to_its_end(stack: Stack) -> None:
    body = {"to_number": "+12025550001", "call_metadata": {"message": "Your parcel is here."}}
    with _nobody_looks(stack):
        task_id = stack.queue("queue-single-call", **body)
        call = wait_until(lambda: stack.simulator.calls_to("+12025550001"), what="the call is created")[0]

    wait_until(lambda: _ended(stack, task_id), what="the end of the call is known")
    status = stack.status(task_id)
    assert status["status"] == "SUCCESS"
    assert status["progress"] == 100
    result = status["result"]
    assert (result["call_sid"], result["call_status"]) == (call["sid"], "completed")
    assert (result["to_number"], result["from_number"]) == ("+12025550001", FROM_NUMBER)
    assert result["duration_seconds"] > 0
    assert any("Your parcel is here." in line for line in stack.simulator.calls_to("+12025550001")[0]["heard"])


def test_a_delayed_call_is_placed_after_its_delay(stack: Stack, machine: Machine) -> None:
    asked = time.time()
    task_id = stack.queue("queue-single-call", to_number="+12025550002", delay_seconds=3)
    accepted = time.time()
    assert stack.status(task_id)["status"] == "PENDING"
    call = wait_until(lambda: stack.simulator.calls_to("+12025550002"))[0]

    assert call["created_at"] >= asked + 3
    assert machine.seconds(accepted + 3, call["created_at"]) < LATE_SECONDS


def test_a_scheduled_call_is_placed_at_its_time_however_that_is_written(stack: Stack, machine: Machine) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    zone = "Asia/Kolkata"
    written = {
        "+12025550111": {"schedule_time": due.astimezone(timezone(timedelta(hours=5, minutes=45))).isoformat()},
        "+12025550112": {"schedule_time": due.strftime("%Y-%m-%dT%H:%M:%SZ"), "timezone": "Asia/Tokyo"},
        "+12025550113": {"schedule_time": f"{due.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S}", "timezone": zone},
    }
    for number, body in written.items():
        stack.queue("schedule-call", to_number=number, **body)
    wait_until(lambda: len(stack.simulator.calls_to(*written)) == len(written), what="all are placed")

    late = [call for call in stack.simulator.calls_to(*written) if not _is_in_time(machine, call, due.timestamp())]
    assert late == []


@pytest.mark.parametrize(
    ("outcome", "call_status"),
    [("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed")],
)
def test_what_became_of_a_call_that_nobody_took_is_told(stack: Stack, outcome: str, call_status: str) -> None:
    number = f"+1202555002{len(outcome)}"
    stack.simulator.script(number, outcome=outcome)
    task_id = stack.queue("queue-single-call", to_number=number)
    wait_until(lambda: _ended(stack, task_id))

    status = stack.status(task_id)
    assert (status["status"], status["result"]["call_status"]) == ("SUCCESS", call_status)


def test_a_refused_call_fails_with_the_code_of_twilio(stack: Stack) -> None:
    task_id = stack.queue("queue-single-call", to_number="+15005550001")
    wait_until(lambda: stack.status(task_id)["status"] == "FAILURE")

    status = stack.status(task_id)
    assert "21217" in status["error"]
    assert status["result"] == {"outcome": "failed"}


def test_urls_of_the_client_reach_twilio_as_they_are(stack: Stack) -> None:
    body = {"webhook_url": "https://client.example/answer?a=1", "status_callback_url": "https://client.example/news"}
    stack.queue("queue-single-call", to_number="+12025550031", **body)
    params = wait_until(lambda: stack.simulator.calls_to("+12025550031"))[0]["params"]

    assert params["Url"] == ["https://client.example/answer?a=1"]
    assert params["StatusCallback"] == ["https://client.example/news"]
    assert params["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert "Twiml" not in params


def test_cancelling_a_delayed_call_keeps_it_from_being_placed(stack: Stack) -> None:
    task_id = stack.queue("queue-single-call", to_number="+12025550041", delay_seconds=2)
    assert stack.cancel(task_id).status_code == 200
    marker = stack.queue("queue-single-call", to_number="+12025550042", delay_seconds=3)
    wait_until(lambda: stack.status(marker)["status"] == "SUCCESS")

    assert stack.simulator.calls_to("+12025550041") == []
    assert stack.status(task_id)["status"] == "REVOKED"


def test_cancelling_a_live_call_hangs_it_up(stack: Stack) -> None:
    stack.simulator.script("+12025550043", outcome="answered", talk_seconds=600)
    task_id = stack.queue("queue-single-call", to_number="+12025550043")
    wait_until(lambda: stack.simulator.calls_to("+12025550043"))
    wait_until(lambda: stack.status(task_id)["status"] == "SUCCESS")
    assert stack.cancel(task_id).status_code == 200

    wait_until(lambda: stack.simulator.calls_to("+12025550043")[0]["ended"], what="the call is hung up")
    wait_until(lambda: _ended(stack, task_id))
    assert stack.cancel(task_id).status_code == 200


def test_health_counts_the_processes(stack: Stack) -> None:
    health = stack.health()

    assert (health["status"], health["workers"], health["beat"], health["simulated"]) == ("healthy", 2, True, True)


def test_a_number_is_forgotten_by_the_sweeps_of_workers(stack: Stack) -> None:
    number = "+12025550188"
    task_id = stack.queue("queue-single-call", to_number=number, delay_seconds=3600)
    url = f"{stack.url}{BASE_PATH}/forget-number"
    job = requests.post(url, json={"to_number": number}, timeout=20).json()["job_id"]
    wait_until(lambda: requests.get(f"{url}/{job}", timeout=20).json()["status"] == "done", what="it is forgotten")
    assert stack.status(task_id)["status"] == "REVOKED"
    assert stack.simulator.calls_to(number) == []


def test_a_call_that_is_revoked_in_celery_is_cancelled_and_never_goes_off(stack: Stack) -> None:
    """As by the button in Flower, which sends the same."""
    number = "+12025550177"
    with Redis.from_url(stack.redis.url, decode_responses=True) as redis, Celery(broker=stack.redis.url) as sender:
        scripts = ScriptRunner(redis)
        scripts.run(drain())
        call = stack.queue("queue-single-call", to_number=number)
        wait_until(lambda: len(sender.control.revoke(call, reply=True, timeout=2) or ()) >= 2, what="both heard it")
        scripts.run(resume())
    wait_until(lambda: stack.status(call)["status"] == "REVOKED", what="it is cancelled")
    assert stack.status(call)["result"]["outcome"] == "cancelled"
    other = stack.queue("queue-single-call", to_number="+12025550178")
    wait_until(lambda: stack.status(other)["status"] == "SUCCESS")
    assert stack.simulator.calls_to(number) == []
    assert any("call_revoked" in process.output for process in stack.processes)


def test_a_rate_limit_in_celery_keeps_no_worker_from_its_messages(stack: Stack) -> None:
    """As by a form in Flower. What it held back counted as fetched, until a worker fetched nothing any more."""
    with Celery(broker=stack.redis.url) as sender:
        limit = partial(sender.control.rate_limit, "calls.dispatch", "1/h", reply=True, timeout=2)
        wait_until(lambda: len(limit() or ()) >= 2, what="both heard it")
    calls: list[str] = []
    for number in range(79, 85):
        calls.append(stack.queue("queue-single-call", to_number=f"+120255501{number}"))
        wait_until(lambda: stack.status(calls[-1])["status"] == "SUCCESS")
