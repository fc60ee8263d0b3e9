"""One call, from HTTP through a Celery worker to the simulator and back to task-status."""

import time
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tests.processes import FROM_NUMBER, wait_until
from tests.stack import Stack

#: The contract says 0.25, which `make bench ARGS=lateness` measures; tests that run beside others must not fail for it.
LATENESS_SECONDS = 0.5


def _ended(stack: Stack, task_id: str) -> bool:
    return bool(stack.status(task_id)["result"] and stack.status(task_id)["result"]["ended_at"])


def test_a_call_is_placed_at_once_and_followed_to_its_end(stack: Stack) -> None:
    asked = time.time()
    body = {"to_number": "+12025550001", "call_metadata": {"message": "Your parcel is here."}}
    task_id = stack.queue("queue-single-call", **body)
    call = wait_until(lambda: stack.simulator.calls_to("+12025550001"), what="the call is created")[0]

    assert call["created_at"] - asked < LATENESS_SECONDS
    wait_until(lambda: _ended(stack, task_id), what="the end of the call is known")
    status = stack.status(task_id)
    assert status["status"] == "SUCCESS"
    assert status["progress"] == 100
    result = status["result"]
    assert (result["call_sid"], result["call_status"]) == (call["sid"], "completed")
    assert (result["to_number"], result["from_number"]) == ("+12025550001", FROM_NUMBER)
    assert result["duration_seconds"] > 0
    assert any("Your parcel is here." in line for line in stack.simulator.calls_to("+12025550001")[0]["heard"])


def test_a_delayed_call_is_placed_after_its_delay(stack: Stack) -> None:
    asked = time.time()
    task_id = stack.queue("queue-single-call", to_number="+12025550002", delay_seconds=3)
    assert stack.status(task_id)["status"] == "PENDING"
    call = wait_until(lambda: stack.simulator.calls_to("+12025550002"))[0]

    assert abs(call["created_at"] - asked - 3) < LATENESS_SECONDS


@pytest.mark.parametrize("zone", ["offset", "Asia/Kolkata", "utc"])
def test_a_scheduled_call_is_placed_at_its_time(stack: Stack, zone: str) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    number = f"+1202555001{len(zone)}"
    if zone == "offset":
        body = {"schedule_time": due.astimezone(timezone(timedelta(hours=5, minutes=45))).isoformat()}
    elif zone == "utc":
        body = {"schedule_time": due.strftime("%Y-%m-%dT%H:%M:%SZ"), "timezone": "Asia/Tokyo"}
    else:
        body = {"schedule_time": due.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S"), "timezone": zone}
    stack.queue("schedule-call", to_number=number, **body)
    call = wait_until(lambda: stack.simulator.calls_to(number))[0]

    assert abs(call["created_at"] - due.timestamp()) < LATENESS_SECONDS


@pytest.mark.parametrize(
    ("outcome", "call_status"),
    [("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed")],
)
def test_what_became_of_a_call_that_nobody_took_is_told(stack: Stack, outcome: str, call_status: str) -> None:
    number = f"+1202555002{len(outcome)}"
    stack.simulator.script(number, outcome=outcome)
    task_id = stack.queue("queue-single-call", to_number=number)
    wait_until(lambda: _ended(stack, task_id), 30)

    status = stack.status(task_id)
    assert (status["status"], status["result"]["call_status"]) == ("SUCCESS", call_status)


def test_a_refused_call_fails_with_the_code_of_twilio(stack: Stack) -> None:
    task_id = stack.queue("queue-single-call", to_number="+15005550001")
    wait_until(lambda: stack.status(task_id)["status"] == "FAILURE")

    status = stack.status(task_id)
    assert "21217" in status["error"]
    assert status["result"] is None


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

    wait_until(lambda: stack.simulator.calls_to("+12025550043")[0]["ended"], 5, "the call is hung up")
    wait_until(lambda: _ended(stack, task_id))
    assert stack.cancel(task_id).status_code == 404


def test_health_counts_the_processes(stack: Stack) -> None:
    health = stack.health()

    assert (health["status"], health["workers"], health["beat"], health["simulated"]) == ("healthy", 2, True, True)
