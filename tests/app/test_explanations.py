"""Where tasks stand, asked by many at once: few runs of the script, and none is harmed by another."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis import Redis

from app.errors import LedgerAway
from app.settings import Settings
from app.store.client import Store as WebStore
from app.store.reading.explanations import MOST_IN_A_RUN, Explanations
from schemas import keys
from schemas.errors import RecordError
from schemas.scripts.explain import explain
from tests.processes import RedisServer
from tests.scripts.conftest import Store

#: Of two campaigns, one run does not look at each of so many calls that wait again.
MANY = 600


@pytest.fixture
async def explanations(redis_server: RedisServer, redis: "Redis") -> AsyncIterator[Explanations]:
    settings = Settings.read({"CELERY_BROKER_URL": redis_server.url})
    store = WebStore(settings.redis_url, settings.sentinel)
    try:
        yield Explanations(store, settings.limits)
    finally:
        await store.close()


async def told(explanations: Explanations, *task_ids: str) -> list[Any]:
    """What each is told that asks at the same time as the others, or why it is not."""
    return await asyncio.gather(*map(explanations.of, task_ids), return_exceptions=True)


def capped_campaign(store: Store) -> str:
    """A campaign whose numbers were called as often as they may be."""
    campaign = store.campaign(*(f"+1202555{number:04}" for number in range(MANY)))
    later_ms = store.now_ms() + 3_600_000
    with store.redis.pipeline(transaction=False) as writes:
        for place in range(1, MANY + 1):
            writes.zadd(keys.PREFIX + f"again:{campaign}", {f"{campaign}-{place}": later_ms})
            writes.hset(keys.task(f"{campaign}-{place}"), "capped_ms", later_ms)
        writes.execute()
    return campaign


async def test_of_many_that_ask_at_once_each_hears_of_its_own_task_by_few_runs(
    explanations: Explanations, store: Store
) -> None:
    calls = [store.call(f"+1202555{number:04}") for number in range(2 * MOST_IN_A_RUN + 1)]
    await explanations.of(calls[0])
    store.redis.config_resetstat()
    found = await told(explanations, *calls, "nothing")
    assert [one and one.fields["to"] for one in found] == [*(f"+1202555{n:04}" for n in range(len(calls))), None]
    assert store.redis.info("commandstats")["cmdstat_evalsha"]["calls"] == 3


@pytest.mark.parametrize(
    "damage", [{"attempt_number": "x"}, {"capped_ms": "x"}, {"edits": "x"}], ids=["in Lua", "in its end", "in Python"]
)
async def test_a_damaged_record_harms_no_other(
    explanations: Explanations, store: Store, damage: dict[str, str]
) -> None:
    calls = [store.call() for _ in range(3)]
    store.redis.hset(keys.task(calls[1]), mapping=damage)
    first, damaged, last = await told(explanations, *calls)
    assert isinstance(damaged, RecordError)
    assert [one.facts.state for one in (first, last)] == ["waiting", "waiting"]


async def test_of_a_campaign_as_much_is_told_as_if_nobody_else_had_asked(
    explanations: Explanations, store: Store
) -> None:
    campaigns = [capped_campaign(store) for _ in range(3)]
    found = await told(explanations, *campaigns)
    assert [one.facts.capped_later for one in found] == [MANY] * 3
    assert [one.facts.again_later for one in found] == [0] * 3
    alone = store.scripts.run(explain(campaigns[2]))
    assert alone is not None
    assert found[2].facts._replace(now_us=0) == alone.facts._replace(now_us=0)


async def test_who_goes_takes_no_answer_from_others(explanations: Explanations, store: Store) -> None:
    calls = [store.call() for _ in range(4)]
    asked = [asyncio.create_task(explanations.of(call)) for call in calls]
    await asyncio.sleep(0)  # they share a run
    asked[0].cancel()
    await asyncio.sleep(0)  # which is under way
    asked[2].cancel()
    first, second, third, fourth = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert isinstance(third, asyncio.CancelledError)
    assert [one.facts.state for one in (second, fourth)] == ["waiting", "waiting"]  # type: ignore[union-attr]


async def test_when_redis_refuses_all_hear_of_it(explanations: Explanations, store: Store) -> None:
    call = store.call()
    assert await explanations.of(call)
    store.redis.execute_command("ACL", "SETUSER", "default", "-evalsha")
    try:
        found = await told(explanations, call, call)
    finally:
        store.redis.execute_command("ACL", "SETUSER", "default", "+evalsha")
    assert [type(one).__mro__[1] for one in found] == [LedgerAway, LedgerAway]
    assert await explanations.of(call)
