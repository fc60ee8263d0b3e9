"""With REDIS_REPLICAS, what Twilio tells is stored, and told to clients, only once no failover can take it back."""

import asyncio
import json

import pytest
from redis import Redis

from app.endpoints.twiml import NOT_NOTED
from schemas import keys
from tests.app.client import PUBLIC, STATUS
from tests.app.conftest import Start
from tests.app.target import Target, all_told
from tests.app.test_answer_options import answered, queued, said
from tests.app.twilio import event, post
from tests.scripts.conftest import Store

LONELY = {"PUBLIC_BASE_URL": PUBLIC, "REDIS_REPLICAS": "1"}
WITHIN_SECONDS = 20.0


async def test_an_event_that_no_replica_has_is_not_stored_and_twilio_repeats_it(start: Start, store: Store) -> None:
    call = store.placed()
    client = await start(**LONELY)
    for _ in range(2):
        status, _ = await post(client, f"{STATUS}?call={call}", event(1))
        assert status == 503

    alone = await start(PUBLIC_BASE_URL=PUBLIC)
    assert await post(alone, f"{STATUS}?call={call}", event(1)) == (204, "")


async def test_a_key_that_no_replica_has_is_no_thank_you(start: Start, redis: "Redis") -> None:
    alone = await start(PUBLIC_BASE_URL=PUBLIC)
    call = await queued(alone, redis, gather={})
    assert said(await answered(await start(**LONELY), call, Digits="5")) == [NOT_NOTED]


async def test_whoever_answers_hears_the_message_also_without_replicas(start: Start, redis: "Redis") -> None:
    alone = await start(PUBLIC_BASE_URL=PUBLIC)
    call = await queued(alone, redis, machine={"on_machine": "hang_up"})
    assert said(await answered(await start(**LONELY), call, AnsweredBy="human")) == ["Dear Ada, hello."]
    assert redis.hget(keys.task(call), "answered_by") == "human"


async def test_no_client_is_told_an_event_whose_number_a_failover_may_give_to_another(
    start: Start, store: Store, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients do nothing with an event whose number they had before: the next one with it would be lost on them."""
    monkeypatch.setattr("app.relay.loop.LEASE_SECONDS", 0.1)
    call = store.placed()
    store.redis.hset(keys.task(call), "status_callback_url", target.url("/news"))
    client = await start(**LONELY, ALLOW_PRIVATE_WEBHOOKS="1")
    await post(client, f"{STATUS}?call={call}", event(0))
    handed_out: set[float] = set()
    async with asyncio.timeout(WITHIN_SECONDS):
        while not target.told and len(handed_out) < 3:
            await client.health()
            events = map(json.loads, store.redis.hvals(f"{keys.PREFIX}events:{call}"))
            handed_out |= {one["due_ms"] for one in events if "due_ms" in one}
    assert target.told == []

    alone = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    async with asyncio.timeout(WITHIN_SECONDS):
        while not all_told(store, call, 1):
            await alone.health()
    assert target.told == ["initiated"]
