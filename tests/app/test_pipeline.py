"""Many commands on one connection: each gets its own answer, and none is harmed by another."""

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import AsyncIterator

import pytest
from redis import Redis
from redis.asyncio.connection import ConnectionPool

from app.errors import LedgerAway
from app.settings import Settings
from app.store import pipeline
from app.store.client import Store
from app.store.pipeline import MOST_UNDER_WAY, MOST_WAITING, RefusedByRedis
from schemas.scripts.gauges import health
from tests.app.away import Away
from tests.machine import Machine
from tests.processes import RedisServer


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    settings = Settings.read({"CELERY_BROKER_URL": url})
    store = Store(settings.redis_url, settings.sentinel)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(redis_server: RedisServer, redis: "Redis") -> AsyncIterator[Store]:
    async with opened(redis_server.url) as one:
        yield one


async def test_each_of_many_gets_its_own_answer(store: Store) -> None:
    words = [f"word-{number}" for number in range(3 * MOST_UNDER_WAY)]
    assert await asyncio.gather(*(store.ask("ECHO", word) for word in words)) == words


async def test_all_share_one_connection(store: Store, redis: "Redis") -> None:
    before = int(redis.info("stats")["total_connections_received"])
    await asyncio.gather(*(store.ask("ECHO", str(number)) for number in range(500)))
    await asyncio.gather(*(store.ask("ECHO", str(number)) for number in range(500)))
    assert int(redis.info("stats")["total_connections_received"]) == before + 1


async def test_one_that_is_refused_harms_no_other(store: Store, redis: "Redis") -> None:
    redis.set("a-string", "x")
    asked = [
        store.ask("ECHO", "one"),
        store.ask("HGETALL", "a-string"),
        store.ask("NONSENSE"),
        store.ask("ECHO", "two"),
    ]
    one, wrong, nonsense, two = await asyncio.gather(*asked, return_exceptions=True)
    assert (one, two) == ("one", "two")
    assert isinstance(wrong, RefusedByRedis)
    assert isinstance(nonsense, RefusedByRedis)


async def test_a_large_one_harms_no_other(store: Store) -> None:
    large = "x" * 5_000_000
    words = ["one", large, "two"]
    assert await asyncio.gather(*(store.ask("ECHO", word) for word in words)) == words


async def test_one_that_cannot_be_encoded_harms_no_other(store: Store) -> None:
    asked = [store.ask("ECHO", word) for word in ("one", "\ud800", "two")]
    one, bad, two = await asyncio.gather(*asked, return_exceptions=True)
    assert (one, two) == ("one", "two")
    assert isinstance(bad, UnicodeEncodeError)


async def test_a_client_that_goes_takes_no_answer_from_another(store: Store, redis: "Redis") -> None:
    await store.ask("PING")
    redis.config_resetstat()
    tasks = [asyncio.create_task(store.ask("ECHO", str(number))) for number in range(300)]
    await asyncio.sleep(0)  # they are waiting to be sent
    for task in tasks[::3]:
        task.cancel()
    await asyncio.sleep(0)  # the others are under way
    for task in tasks[1::3]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[2::3] == [str(number) for number in range(2, 300, 3)]
    assert redis.info("commandstats")["cmdstat_echo"]["calls"] == 200  # nobody waited for the others any more
    assert redis.info("stats")["total_connections_received"] == 0
    assert await store.ask("ECHO", "later") == "later"


async def test_scripts_that_redis_forgot_are_sent_again(store: Store, redis: "Redis") -> None:
    for _ in range(2):
        redis.script_flush()
        answers = await asyncio.gather(*(store.run(health()) for _ in range(20)))
        assert len(answers) == 20
        assert set(answers) == {answers[0]}


async def test_what_was_under_way_when_the_connection_broke_is_asked_again(store: Store, redis: "Redis") -> None:
    await store.ask("PING")
    redis.client_pause(150)
    asked = [asyncio.create_task(store.ask("ECHO", str(number))) for number in range(50)]
    await asyncio.sleep(0.01)
    redis.client_kill_filter(_type="normal", skipme=True)
    assert await asyncio.gather(*asked) == [str(number) for number in range(50)]


async def test_an_answer_that_came_while_the_whole_machine_stood_still_is_heard(
    store: Store, redis_server: RedisServer
) -> None:
    await store.ask("PING")
    assert redis_server.process is not None
    redis_server.process.signal(signal.SIGSTOP)
    asked = asyncio.ensure_future(store.ask("ECHO", "one"))
    await asyncio.sleep(0.01)  # it has left
    go_on = threading.Timer(pipeline.ANSWER_SECONDS + 0.3, redis_server.process.signal, [signal.SIGCONT])
    go_on.start()
    time.sleep(pipeline.ANSWER_SECONDS + 0.2)  # noqa: ASYNC251  as the process does, and Redis for a little longer
    assert await asked == "one"
    go_on.join()


async def test_a_loop_that_is_late_again_and_again_gives_up_nonetheless(
    store: Store, redis_server: RedisServer
) -> None:
    await store.ask("PING")
    assert redis_server.process is not None
    redis_server.process.signal(signal.SIGSTOP)
    try:
        asked = asyncio.ensure_future(store.ask("ECHO", "one"))
        began = time.monotonic()
        while not asked.done() and time.monotonic() < began + 6:
            await asyncio.sleep(0.001)
            time.sleep(0.25)  # noqa: ASYNC251  as a loop that is too busy
        with pytest.raises(LedgerAway):
            await asked
    finally:
        redis_server.process.signal(signal.SIGCONT)


async def test_what_is_asked_again_keeps_its_order(store: Store, redis: "Redis") -> None:
    await store.ask("PING")
    redis.client_pause(150)
    asked = [asyncio.create_task(store.ask("RPUSH", "a-list", str(number))) for number in range(50)]
    await asyncio.sleep(0.01)
    redis.client_kill_filter(_type="normal", skipme=True)
    await asyncio.gather(*asked)
    assert redis.lrange("a-list", -50, -1) == [str(number) for number in range(50)]


@pytest.mark.parametrize("before", [0, MOST_UNDER_WAY], ids=["under way", "behind others that are"])
async def test_what_is_about_its_connection_ends_with_it(
    redis_server: RedisServer, redis: "Redis", before: int
) -> None:
    connection = pipeline.Pipeline(ConnectionPool.from_url(redis_server.url, protocol=2))
    await connection.ask(("PING",))
    redis.client_pause(500)
    others = [connection.ask(("ECHO", "x")) for _ in range(before)]
    again, once = (connection.ask(("ECHO", "x"), repeatable=repeatable) for repeatable in (True, False))
    await asyncio.sleep(0.01)
    redis.client_kill_filter(_type="normal", skipme=True)

    with pytest.raises(LedgerAway):
        await once
    assert await asyncio.gather(again, *others) == ["x"] * (1 + before)
    await connection.close()


async def test_more_than_may_wait_are_refused_at_once_and_the_rest_in_time(away: Away, machine: Machine) -> None:
    async with opened(away.redis.url) as store:
        await store.ask("PING")
        away.signal_redis(signal.SIGSTOP)
        watch = machine.stopwatch()
        most = MOST_UNDER_WAY + MOST_WAITING
        asked = [asyncio.create_task(store.ask("ECHO", "x")) for _ in range(MOST_UNDER_WAY)]
        await asyncio.sleep(0.05)  # they are under way now
        asked += [asyncio.create_task(store.ask("ECHO", "x")) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(LedgerAway):
            await store.ask("ECHO", "x")
        assert not any(task.done() for task in asked)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert watch.seconds < 3 * pipeline.ANSWER_SECONDS
        assert sum(isinstance(answer, LedgerAway) for answer in answers) == most
        away.signal_redis(signal.SIGCONT)
        assert await store.ask("ECHO", "back") == "back"
        with Redis.from_url(away.redis.url, decode_responses=True) as redis:
            assert redis.info("commandstats")["cmdstat_echo"]["calls"] <= MOST_UNDER_WAY + 1


async def test_a_redis_that_restarts_is_found_again(away: Away) -> None:
    async with opened(away.redis.url) as store:
        assert await store.ask("ECHO", "before") == "before"
        away.kill_redis()
        with pytest.raises(LedgerAway):
            await store.ask("ECHO", "meanwhile")
        await asyncio.to_thread(away.redis.start)
        assert await store.ask("ECHO", "after") == "after"
