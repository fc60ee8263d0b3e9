"""`retry` of a request: what is taken, and what is refused."""

from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.scripts.outcome import placed, refused
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import invalid
from tests.app.test_retrying import patch
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store
from tests.scripts.test_retry_by_itself import attempt, give_up

CALL = {"to_number": "+12125550100"}
WINDOWS = {"windows": [{"days": ["mon"], "start": "09:00", "end": "17:00"}]}


@pytest.mark.parametrize("endpoint", ["queue-single-call", "queue-bulk-calls"])
async def test_a_record_keeps_what_is_tried_again(client: Client, store: Store, endpoint: str) -> None:
    body: dict[str, Any] = CALL if endpoint == "queue-single-call" else {"phone_numbers": [CALL["to_number"]]}
    task = await client.queue(endpoint, {**body, "retry": {"max_attempts": 3}})
    record = store.task(task)
    assert (record["retry_most"], record["retry_marks"], record["retry_seconds"]) == ("3", "bn", "3600")
    task = await client.queue(endpoint, {**body, "retry": {"max_attempts": 2, "on": ["failed"], "delay_seconds": 60}})
    assert (store.task(task)["retry_marks"], store.task(task)["retry_seconds"]) == ("f", "60")
    retry = {"max_attempts": 2, "next_window": True}
    task = await client.queue(endpoint, {**body, "retry": retry, "calling_windows": WINDOWS})
    assert "retry_seconds" not in store.task(task)


@pytest.mark.parametrize(
    ("retry", "path"),
    [
        ({}, "retry.max_attempts"),
        ({"max_attempts": 11}, "retry.max_attempts"),
        ({"max_attempts": 2, "delay_seconds": 59}, "retry.delay_seconds"),
        ({"max_attempts": 2, "on": []}, "retry.on"),
        ({"max_attempts": 2, "on": ["unknown"]}, "retry.on.0"),
        ({"max_attempts": 2, "on": ["machine"]}, "retry.on"),
        ({"max_attempts": 2, "next_window": True}, "retry.next_window"),
        ({"max_attempts": 2, "next_window": True, "delay_seconds": 60}, "retry.next_window"),
        ({"max_attempts": 2, "after": 1}, "retry.after"),
        (3, "retry"),
    ],
)
async def test_what_could_never_be_is_refused(client: Client, redis: "Redis", retry: Any, path: str) -> None:
    errors = invalid(await client.post("queue-single-call", {**CALL, "retry": retry}), redis)
    assert list(errors) == [path]


@pytest.mark.parametrize(
    "fields",
    [
        {"machine": {"on_machine": "speak"}},
        {"send_digits": "1", "call_metadata": {"machine_detection": "enable"}},
    ],
    ids=str,
)
async def test_no_attempt_follows_upon_a_machine_that_nobody_finds(
    public: Client, redis: "Redis", fields: dict[str, Any]
) -> None:
    retry = {"max_attempts": 2, "on": ["machine", "busy"]}
    errors = invalid(await public.post("queue-single-call", {**CALL, **fields, "retry": retry}), redis)
    assert errors == {"retry.on": ["Must not hold machine: nobody finds out whether one answers."]}
    task = await public.queue("queue-single-call", {**CALL, **fields})
    assert list((await patch(public, task, {"retry": retry})).body["errors"]) == ["retry.on"]


@pytest.mark.parametrize("endpoint", ["queue-single-call", "queue-bulk-calls"])
async def test_where_windows_never_close_no_attempt_is_put_off_to_their_next_opening(
    start: Start, redis: "Redis", endpoint: str
) -> None:
    whole = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "24:00"}
    halves = [{**whole, "end": "12:00"}, {**whole, "start": "12:00"}]
    body: dict[str, Any] = CALL if endpoint == "queue-single-call" else {"phone_numbers": [CALL["to_number"]]}
    body = {**body, "retry": {"max_attempts": 2, "next_window": True}}
    client = await start()
    for zone in ("recipient", "Europe/Berlin"):
        windows = {"timezone": zone, "windows": halves}
        errors = invalid(await client.post(endpoint, {**body, "calling_windows": windows}), redis)
        assert list(errors) == ["retry.next_window"]
        assert "never close" in errors["retry.next_window"][0]
    operators = await start(CALLING_WINDOWS="mon-sun 08:00-21:00")
    assert (await operators.post(endpoint, {**body, "calling_windows": {"windows": halves}})).status == 200


async def test_a_call_between_two_attempts_is_in_progress_and_waits_for_the_next(client: Client, store: Store) -> None:
    task = await client.queue("queue-single-call", {**CALL, "retry": {"max_attempts": 2, "delay_seconds": 600}})
    assert store.ledger.admit(50) == [task]
    store.ledger.begin(task, "attempt")
    store.outcome(task, placed("CA1", "queued", 60))
    store.callback(task, "busy")
    told = (await client.status(task)).body
    assert (told["status"], told["result"]["waiting_for"]) == ("PROGRESS", "retry")
    for status, found in (("PROGRESS", [task]), ("PENDING", [])):
        listed = (await client.ask("GET", f"{BASE_PATH}/tasks?status={status}")).body["tasks"]
        assert [one["task_id"] for one in listed] == found
    (event,) = (await client.ask("GET", f"{BASE_PATH}/tasks/{task}/events")).body["events"]
    assert (event["fields"]["CallStatus"], event["fields"]["MoreAttempts"]) == ("busy", "true")


@pytest.mark.parametrize("why", ["cancelled", "expired", "opted out"])
async def test_a_call_whose_next_attempt_is_not_made_stays_the_call_that_was(
    client: Client, store: Store, why: str
) -> None:
    task = await client.queue("queue-single-call", {**CALL, "retry": {"max_attempts": 2, "delay_seconds": 600}})
    store.redis.hset(keys.task(task), "expires_ms", store.now_ms() + 3_600_000)
    attempt(store, task, "busy", "CA1", duration_seconds="0")
    made = (await client.status(task)).body
    give_up(store, task, task, why)
    told = (await client.status(task)).body
    assert (made["status"], told["status"], told["progress"]) == ("PROGRESS", "SUCCESS", 100)
    assert told["message"] == "Twilio called; the line was busy"
    result = told["result"]
    assert (result["outcome"], result["call_sid"], result["call_status"]) == ("busy", "CA1", "busy")
    assert result["duration_seconds"] == 0
    for status, found in (("SUCCESS", [result]), ("REVOKED", [])):
        listed = (await client.ask("GET", f"{BASE_PATH}/tasks?status={status}")).body["tasks"]
        assert [one["result"] for one in listed] == found
    (row,) = (await client.ask("GET", f"{BASE_PATH}/calls?outcome=busy")).body["calls"]
    assert [one["call_sid"] for one in row["attempts"]] == ["CA1"]
    *_, last = [
        one["fields"]
        for one in (await client.ask("GET", f"{BASE_PATH}/tasks/{task}/events")).body["events"]
        if one["kind"] == "call"
    ]
    assert (last["CallStatus"], last["MoreAttempts"], "CallSid" in last) == ("canceled", "false", False)


async def test_a_refused_call_whose_next_attempt_is_not_made_stays_refused(client: Client, store: Store) -> None:
    task = await client.queue("queue-single-call", CALL)
    assert store.ledger.admit(50) == [task]
    store.ledger.begin(task, "attempt")
    store.outcome(task, refused("number", "Twilio error 21211", by_twilio=True))
    body = {"outcomes": ["failed"], "delay_seconds": 600}
    assert (await client.ask("POST", f"{BASE_PATH}/tasks/{task}/retry", json=body)).body["count"] == 1
    store.cancel(task)
    for told in (
        (await client.status(task)).body,
        (await client.ask("GET", f"{BASE_PATH}/tasks?status=FAILURE")).body["tasks"][0],
    ):
        assert (told["status"], told["result"]["outcome"], told["error"]) == ("FAILURE", "failed", "Twilio error 21211")
