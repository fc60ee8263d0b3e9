"""The relay while Redis is away."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.app.client import PUBLIC
from tests.app.conftest import Start
from tests.app.target import Target, tell
from tests.machine import least_cpu_seconds
from tests.processes import RedisServer
from tests.scripts.conftest import Store

WITHIN_SECONDS = 20.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that may be killed."""
    one = RedisServer(tmp_path).start()
    yield one
    one.stop()


async def test_a_relay_whose_redis_is_away_does_not_spin(start: Start) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, REDIS_URL="redis://127.0.0.1:1/0")
    await client.ask("GET", "/livez")

    assert await least_cpu_seconds(lambda: asyncio.sleep(0.3)) < 0.05


async def test_a_delivery_that_cannot_be_recorded_is_no_surprise(
    start: Start, server: RedisServer, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1", REDIS_URL=server.url)
    with Redis.from_url(server.url, decode_responses=True, protocol=2) as redis:
        await tell(client, Store(redis, 1000, 60_000, 1000), target.url("/asleep"))
    async with asyncio.timeout(WITHIN_SECONDS):
        await target.visited.wait()
    assert server.process is not None
    server.process.kill()
    target.awake.set()
    shown = ""
    async with asyncio.timeout(WITHIN_SECONDS):
        while "relay_not_recorded" not in shown:
            await client.ask("GET", "/livez")
            shown += capsys.readouterr().out

    assert "Traceback" not in shown
