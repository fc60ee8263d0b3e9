"""The name of Redis leads to another server since the one behind it became a replica, as where Redis is rented."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from app.errors import LedgerAway
from app.settings import Settings
from app.store.client import Store
from runtime.connections import connect
from runtime.scripts import ScriptRunner
from schemas.scripts.holds import drain
from tests.junction import Junction
from tests.processes import RedisServer

Drain = Callable[[], Awaitable[bool]]


@pytest.fixture
async def way(redis_server: RedisServer, redis: "Redis", tmp_path: Path) -> AsyncIterator[tuple[Junction, int]]:
    """The name, and the port of the next primary."""
    other = RedisServer(tmp_path)
    await asyncio.to_thread(other.start)
    async with Junction(redis_server.port).listening() as junction:
        yield junction, other.port
    redis.replicaof("NO", "ONE")
    other.stop()


async def _moves(way: tuple[Junction, int], redis: "Redis", drain_it: Drain, away: type[Exception]) -> None:
    junction, port = way
    assert await drain_it()
    redis.replicaof("127.0.0.1", "1")
    junction.leads_to = port
    with pytest.raises(away):
        await drain_it()

    assert await drain_it()  # there it is not drained yet


async def test_the_web_tier_goes_there(way: tuple[Junction, int], redis: "Redis") -> None:
    settings = Settings.read({"CELERY_BROKER_URL": way[0].url})
    store = Store(settings.redis_url, settings.sentinel)
    await _moves(way, redis, lambda: store.run(drain()), LedgerAway)
    await store.close()


async def test_a_worker_goes_there(way: tuple[Junction, int], redis: "Redis") -> None:
    settings = Settings.read({"CELERY_BROKER_URL": way[0].url})
    with connect(settings.redis_url, settings.sentinel) as client:
        runner = ScriptRunner(client)
        await _moves(way, redis, lambda: asyncio.to_thread(runner.run, drain()), ResponseError)
