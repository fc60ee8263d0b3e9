"""`result.outcome`: one word for what became of a call, from the start, and the counts of a campaign agree with it."""

import pytest

from schemas import keys
from schemas.bodies.task_state import CallResult
from tests.app.client import Client
from tests.scripts.conftest import Store

NUMBER = "+1234567890"


async def outcome(client: Client, task_id: str) -> str:
    result = (await client.status(task_id)).body["result"]
    CallResult().load(result)
    return str(result["outcome"])


@pytest.mark.parametrize(
    ("call_status", "message"),
    [
        ("completed", "Call ended"),
        ("busy", "Twilio called; the line was busy"),
        ("no-answer", "Twilio called; nobody answered"),
        ("failed", "Twilio called; the call failed"),
    ],
)
async def test_the_message_says_plainly_how_a_call_ended(
    client: Client, store: Store, call_status: str, message: str
) -> None:
    call = store.call(NUMBER)
    store.redis.hset(keys.task(call), mapping={"state": "ended", "call_status": call_status})
    body = (await client.status(call)).body
    assert (body["status"], body["message"]) == ("SUCCESS", message)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"state": "waiting"}, "waiting"),
        ({"state": "dispatched"}, "waiting"),
        ({"state": "dialling"}, "live"),
        ({"state": "confirming"}, "live"),
        ({"state": "placed", "call_status": "ringing"}, "live"),
        ({"state": "ended", "call_status": "completed"}, "answered"),
        ({"state": "ended", "call_status": "completed", "answered_by": "human"}, "answered"),
        ({"state": "ended", "call_status": "completed", "answered_by": "machine_end_beep"}, "machine"),
        ({"state": "ended", "call_status": "completed", "answered_by": "fax"}, "machine"),
        ({"state": "ended", "call_status": "completed", "answered_by": "unknown"}, "answered"),
        ({"state": "ended", "call_status": "completed", "hang_up": "1"}, "hung_up"),
        ({"state": "ended", "call_status": "canceled", "hang_up": "1"}, "hung_up"),
        ({"state": "ended", "call_status": "canceled"}, "failed"),
        ({"state": "ended", "call_status": "busy", "hang_up": "1"}, "busy"),
        ({"state": "ended", "call_status": "no-answer"}, "no_answer"),
        ({"state": "ended", "call_status": "failed"}, "failed"),
        ({"state": "ended", "call_status": "unknown"}, "unknown"),
        ({"state": "rejected", "error": "Twilio refused the call"}, "failed"),
        ({"state": "unknown", "call_status": "unknown"}, "unknown"),
        ({"state": "cancelled"}, "cancelled"),
    ],
    ids=str,
)
async def test_each_call_has_one_word(client: Client, store: Store, fields: dict[str, str], word: str) -> None:
    call = store.call(NUMBER)
    store.redis.hset(keys.task(call), mapping=fields)
    assert await outcome(client, call) == word
