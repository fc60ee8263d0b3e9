"""`stop_if`: clients say when their campaign pauses by itself."""

import json
from typing import Any

import pytest
from redis import Redis

from schemas.scripts.outcome import refused as refusal
from tests.app.client import Client
from tests.app.refusal import invalid, refused
from tests.app.test_retrying import patch
from tests.scripts.conftest import Store

NUMBERS = [f"+120255501{index:02d}" for index in range(22)]
CAMPAIGN = {"phone_numbers": NUMBERS, "max_concurrent_calls": 50, "delay_between_calls": 1}
STOP_IF = {"failed_share": 0.5, "of_last": 20}


async def test_a_campaign_of_failing_numbers_pauses_by_itself_and_says_why(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN | {"stop_if": STOP_IF})
    for _ in range(20):
        store.pass_time(2)
        (call,) = store.ledger.admit(1)
        store.ledger.begin(call, "attempt")
        store.outcome(call, refusal("number", "No such number", by_twilio=True))
    status = (await client.status(task_id)).body
    assert status["paused"] is True
    assert status["paused_reason"] == "20 of the last 20 numbers failed: stop_if.failed_share is 0.5."
    store.pass_time(2)
    assert store.ledger.admit(50) == []
    await client.ask("POST", f"/api/v1/celery/twilio/tasks/{task_id}/resume")
    assert store.ledger.admit(50) == [f"{task_id}-21"]


async def test_it_can_be_given_later_and_taken_away(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    edits = {"stop_if": {"short_call_share": 0.5, "of_last": 20}}
    assert (await patch(client, task_id, edits)).status == 200
    kept = json.loads(store.task(task_id)["stop_if"])
    assert kept == {"short_call_share": 0.5, "short_call_seconds": 6, "of_last": 20}
    assert (await patch(client, task_id, {"stop_if": None})).status == 200
    assert "stop_if" not in store.task(task_id)


async def test_a_single_call_has_none(client: Client) -> None:
    task_id = await client.queue("queue-single-call", {"to_number": NUMBERS[0]})
    assert list(refused(await patch(client, task_id, {"stop_if": STOP_IF}), 400)["errors"]) == ["stop_if"]


@pytest.mark.parametrize(
    ("stop_if", "field"),
    [
        ({"of_last": 20}, "stop_if"),
        ({"failed_share": 0.5}, "stop_if.of_last"),
        ({**STOP_IF, "of_last": 19}, "stop_if.of_last"),
        ({**STOP_IF, "of_last": 1001}, "stop_if.of_last"),
        ({**STOP_IF, "failed_share": 0}, "stop_if.failed_share"),
        ({**STOP_IF, "failed_share": 1.01}, "stop_if.failed_share"),
        ({**STOP_IF, "failed_share": "0.5"}, "stop_if.failed_share"),
        ({**STOP_IF, "failed_share": True}, "stop_if.failed_share"),
        ({**STOP_IF, "short_call_seconds": 6}, "stop_if.short_call_seconds"),
        ({**STOP_IF, "busy_share": 1}, "stop_if.busy_share"),
        (0.5, "stop_if"),
    ],
)
async def test_what_is_no_condition_is_refused(client: Client, redis: "Redis", stop_if: Any, field: str) -> None:
    answer = await client.post("queue-bulk-calls", CAMPAIGN | {"stop_if": stop_if})
    assert list(invalid(answer, redis)) == [field]
