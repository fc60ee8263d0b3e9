"""One call can be followed through all parts: by one request id in every log, and by one trace."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.collector import Collector
from tests.e2e.conftest import QUICK
from tests.ports import reserve_port
from tests.processes import Process, wait_until
from tests.receiver import Receiver
from tests.stack import Stack

STEPS = ("calls.place", "Twilio POST", "POST /api/v1/twilio/call-status", "POST /api/v1/twilio/incoming-call")
QUEUE_SPAN = "POST /api/v1/celery/twilio/queue-single-call"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    one = Collector()
    yield one
    one.close()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Stack]:
    """Two web processes, of which Twilio reaches the other than the clients, and a worker with processes."""
    ports = reserve_port(), reserve_port()
    settings = {
        **QUICK,
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{ports[1]}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
    }
    running = Stack(tmp_path_factory.mktemp("thread"), settings)
    running.port = ports[0]
    try:
        running.start_web(ports[1])
        running.start_worker("prefork", 2)
        yield running.start(workers=0)
    finally:
        running.stop()


def _lines(process: Process) -> list[dict[str, Any]]:
    """What a process logged: every line of it must be a JSON object."""
    return [dict(json.loads(line)) for line in process.output.splitlines()]


def _events(stack: Stack, request_id: str) -> dict[str, set[str]]:
    """Of each part, which of its lines carry the request id; the two web processes count as one."""
    found: dict[str, set[str]] = {}
    for process in stack.processes:
        events = {line["event"] for line in _lines(process) if line.get("request_id") == request_id}
        found[process.name] = found.get(process.name, set()) | events
    return found


def _ended(stack: Stack, task_id: str) -> bool:
    return bool((stack.status(task_id)["result"] or {}).get("ended_at"))


def test_one_request_id_is_in_the_logs_of_all_parts(stack: Stack) -> None:
    receiver = Receiver()
    body = {"to_number": "+12025550500", "status_callback_url": f"{receiver.url}/news"}
    answer = stack.post("queue-single-call", body)
    request_id = answer.headers["X-Request-ID"]
    assert answer.json()["task_id"] == request_id
    wait_until(lambda: _ended(stack, request_id) and "completed" in receiver.told("/news"))
    receiver.close()
    wait_until(lambda: "event_relayed" in _events(stack, request_id)["web"])

    assert {"request", "event_relayed"} <= _events(stack, request_id)["web"]
    assert "call_placed" in _events(stack, request_id)["worker"]
    lines = [line for process in stack.processes for line in _lines(process) if line.get("request_id") == request_id]
    assert {line.get("call_id") for line in lines} == {request_id}
    webhooks = [line for line in lines if line.get("path") == "/api/v1/twilio/call-status"]
    assert len(webhooks) >= 3


def test_the_calls_of_a_campaign_carry_its_request_id_and_their_own_call_id(stack: Stack) -> None:
    campaign = stack.queue("queue-bulk-calls", phone_numbers=["+12025550501", "+12025550502"], delay_between_calls=1)
    wait_until(lambda: stack.status(campaign)["status"] == "SUCCESS")
    placed = [line for process in stack.processes for line in _lines(process) if line["event"] == "call_placed"]

    assert {line["call_id"] for line in placed if line["request_id"] == campaign} == {f"{campaign}-1", f"{campaign}-2"}


def test_a_repeated_request_has_an_id_of_its_own_and_names_the_task(stack: Stack) -> None:
    body, key = {"to_number": "+12025550503", "delay_seconds": 600}, {"Idempotency-Key": uuid4().hex}
    first, again = (stack.post("queue-single-call", body, **key) for _ in range(2))
    repeated = again.headers["X-Request-ID"]
    assert first.headers["X-Request-ID"] == again.json()["task_id"] != repeated
    webs = [process for process in stack.processes if process.name == "web"]
    web = wait_until(
        lambda: next((process for process in webs if repeated in process.output), None), what="it is logged"
    )
    (line,) = (line for line in _lines(web) if line.get("request_id") == repeated)

    assert line["task_id"] == again.json()["task_id"]


def test_one_trace_leads_from_the_request_through_the_worker_to_twilios_callbacks(
    stack: Stack, collector: Collector
) -> None:
    task_id = stack.queue("queue-single-call", to_number="+12025550504")
    trace = task_id.replace("-", "")
    wait_until(lambda: {*STEPS, QUEUE_SPAN} <= {span.name for span in collector.of_trace(trace)})
    spans = collector.of_trace(trace)
    (root,) = (span for span in spans if span.name == QUEUE_SPAN)
    (place,) = (span for span in spans if span.name == "calls.place")
    (post,) = (span for span in spans if span.name == "Twilio POST")

    assert (root.service, place.service) == ("celery-twilio-web", "celery-twilio-worker")
    assert root.parent == ""
    assert (place.parent, post.parent) == (root.span, place.span)
    assert {span.parent for span in spans if "/api/v1/twilio/" in span.name} == {root.span}


def test_the_trace_of_a_client_goes_on(stack: Stack, collector: Collector) -> None:
    trace, span = uuid4().hex, "00f067aa0ba902b7"
    sent = {"traceparent": f"00-{trace}-{span}-01"}
    body = {"phone_numbers": ["+12025550505"], "delay_between_calls": 1}
    assert stack.post("queue-bulk-calls", body, **sent).status_code == 200
    root_name = QUEUE_SPAN.replace("single-call", "bulk-calls")
    wait_until(lambda: {*STEPS, root_name} <= {seen.name for seen in collector.of_trace(trace)})
    (root,) = (seen for seen in collector.of_trace(trace) if seen.name == root_name)

    assert root.parent == span
    assert {seen.parent for seen in collector.of_trace(trace) if seen.name == "calls.place"} == {root.span}


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_every_line_of_every_part_is_json_to_its_end(stack: Stack, name: str) -> None:
    """The last test of this file: it ends the part."""
    process = next(process for process in stack.processes if process.name == name)
    assert process.stop() == 0
    lines = _lines(process)

    assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in lines)
    assert lines or name == "web"
