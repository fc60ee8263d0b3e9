"""When a call is due that waits for a cap of a day, or to be tried again, is told as its sentence tells it."""

from dataclasses import replace

import pytest

from schemas.scripts.outcome import placed
from tests.app.client import Client
from tests.app.conftest import Start
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store
from worker.ledger import Ledger

NUMBER = "+12025550100"


async def told_of(client: Client, store: Store, call: str) -> tuple[str, str, str]:
    """What it waits for, when it is due, and the sentence."""
    (row,) = (await client.ask("GET", f"{BASE_PATH}/tasks/{call}/calls")).body["calls"]
    listed = (await client.ask("GET", f"{BASE_PATH}/calls?outcome=waiting")).body["calls"]
    assert [one["next_attempt_at"] for one in listed] == [row["next_attempt_at"]]
    return row["waiting_for"], row["next_attempt_at"], (await client.status(call)).body["message"]


async def called(client: Client, store: Store, status: str, **fields: object) -> str:
    call = await client.queue("queue-single-call", {"to_number": NUMBER, **fields})
    store.pass_time(3)
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, f"claim of {call}")
    store.outcome(call, placed(f"CA{call}", "queued", 60))
    store.callback(call, status)
    return call


async def test_a_call_to_a_number_that_was_called_as_often_as_it_may_be(start: Start, store: Store) -> None:
    client = await start(MAX_CALLS_PER_NUMBER_PER_DAY="1")
    store.limits = replace(store.limits, most_calls_per_number=1)
    store.ledger = Ledger(store.redis, store.limits, 30, 30)
    await called(client, store, "no-answer")
    call = await client.queue("queue-single-call", {"to_number": NUMBER})
    store.pass_time(3)
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "claim")
    assert store.ledger.cap(call)
    word, at, sentence = await told_of(client, store, call)
    assert word == "cap"
    assert at
    assert at in sentence


async def test_a_call_behind_the_minutes_of_a_day(start: Start, store: Store) -> None:
    client = await start(MAX_CALL_MINUTES_PER_DAY="1")
    ended = await client.queue("queue-single-call", {"to_number": NUMBER})
    store.ledger.admit(50)
    store.ledger.begin(ended, "claim")
    store.outcome(ended, placed("CA1", "queued", 60))
    store.callback(ended, "completed", fields={"duration_seconds": "120"})
    call = await client.queue("queue-single-call", {"to_number": NUMBER})
    word, at, sentence = await told_of(client, store, call)
    assert word == "cap"
    assert at.endswith("T00:00:00Z")
    assert at in sentence


@pytest.mark.parametrize("by_hand", [False, True])
async def test_a_call_between_two_attempts(client: Client, store: Store, by_hand: bool) -> None:
    again = {} if by_hand else {"retry": {"max_attempts": 2, "delay_seconds": 600}}
    call = await called(client, store, "busy", **again)
    if by_hand:
        body = {"outcomes": ["busy"], "delay_seconds": 600}
        assert (await client.ask("POST", f"{BASE_PATH}/tasks/{call}/retry", json=body)).body["count"] == 1
    word, at, sentence = await told_of(client, store, call)
    assert word == "retry"
    assert at
    assert at in sentence
