"""`retry` of a request: what is taken, and what is refused."""

from typing import Any

import pytest
from redis import Redis

from schemas.scripts.outcome import placed
from tests.app.client import Client
from tests.app.refusal import invalid
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

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
