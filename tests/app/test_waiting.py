"""How many numbers of one name may wait."""

from typing import Any

import pytest
from redis import Redis

from tests.app.client import Answer, Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.scripts.conftest import Store

SECRETS = {"alice": "secret-of-alice-1", "bob": "secret-of-bob-12"}
CALL = {"to_number": "+12025550100"}
LATER = CALL | {"delay_seconds": 600}


@pytest.fixture
async def bounded(start: Start) -> Client:
    """Each of two names may have five numbers waiting."""
    keys = ",".join(f"{name}:{secret}" for name, secret in SECRETS.items())
    return await start(API_KEYS=keys, MAX_WAITING_PER_KEY="5")


def campaign(size: int) -> dict[str, Any]:
    return {"phone_numbers": [f"+1202555010{number}" for number in range(size)]}


async def ask(client: Client, name: str, endpoint: str, body: object, **headers: str) -> Answer:
    return await client.post(endpoint, body, **{"X-API-Key": SECRETS[name], **headers})


async def queue(client: Client, name: str, endpoint: str, body: object) -> str:
    answer = await ask(client, name, endpoint, body)
    assert answer.status == 200, answer.text
    return str(answer.body["task_id"])


async def test_beyond_its_most_waiting_numbers_a_name_gets_429_and_others_go_on(
    bounded: Client, redis: "Redis"
) -> None:
    for metadata in ({"priority": "high"}, {"priority": "low"}):
        await queue(bounded, "alice", "queue-single-call", LATER | {"call_metadata": metadata})
    refused(await ask(bounded, "alice", "queue-bulk-calls", campaign(4)), 429)
    await queue(bounded, "alice", "queue-bulk-calls", campaign(3))
    before = redis.keys("tw:*")
    answer = await ask(bounded, "alice", "queue-single-call", CALL)

    assert refused(answer, 429)["code"] == "rate_limited"
    assert "MAX_WAITING_PER_KEY" in answer.body["detail"]
    assert int(answer.headers["Retry-After"]) >= 1
    assert sorted(redis.keys("tw:*")) == sorted(before)
    await queue(bounded, "bob", "queue-bulk-calls", campaign(5))


async def test_what_was_cancelled_or_goes_makes_room(bounded: Client, store: Store) -> None:
    task_id = await queue(bounded, "alice", "queue-bulk-calls", campaign(5))
    refused(await ask(bounded, "alice", "queue-single-call", CALL), 429)
    assert len(store.ledger.admit(1)) == 1
    call_id = await queue(bounded, "alice", "queue-single-call", LATER)
    refused(await ask(bounded, "alice", "queue-single-call", CALL), 429)
    for cancelled, room in ((call_id, 1), (task_id, 4)):
        path = f"/api/v1/celery/twilio/cancel-task/{cancelled}"
        assert (await bounded.ask("DELETE", path, headers={"X-API-Key": SECRETS["alice"]})).status == 200
        await queue(bounded, "alice", "queue-bulk-calls", campaign(room))
        refused(await ask(bounded, "alice", "queue-single-call", CALL), 429)


async def test_a_paused_campaign_counts_as_before(bounded: Client, store: Store, redis: "Redis") -> None:
    task_id = await queue(bounded, "alice", "queue-bulk-calls", campaign(5))
    redis.hset(f"tw:task:{task_id}", "paused", "1")
    store.ledger.admit(1)
    refused(await ask(bounded, "alice", "queue-single-call", CALL), 429)


async def test_a_replay_is_answered_however_much_waits(bounded: Client) -> None:
    key = {"Idempotency-Key": "one"}
    first = await ask(bounded, "alice", "queue-bulk-calls", campaign(5), **key)
    again = await ask(bounded, "alice", "queue-bulk-calls", campaign(5), **key)
    assert (again.status, again.body) == (200, first.body)


async def test_without_the_setting_any_number_waits(start: Start) -> None:
    client = await start()
    for _ in range(3):
        await client.queue("queue-bulk-calls", campaign(9))


async def test_a_number_that_waits_again_counts_again(bounded: Client, store: Store) -> None:
    await queue(bounded, "alice", "queue-bulk-calls", campaign(5))
    (call_id,) = store.ledger.admit(1)
    store.ledger.put_back(call_id)
    refused(await ask(bounded, "alice", "queue-single-call", LATER), 429)
