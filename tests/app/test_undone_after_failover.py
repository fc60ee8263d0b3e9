"""A client that was told 503 stays right when a replica becomes the primary that knew the acceptance alone."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from schemas import keys
from schemas.lua.source import source
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_replication import Pair
from tests.junction import Junction
from tests.processes import wait_until

BODY = {"to_number": "+1234567890"}


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """A pair of this test's own, for its primary dies."""
    one = Pair(tmp_path)
    yield one
    one.go_on()
    one.stop()


def tasks(redis: "Redis") -> bool:
    """Whether there are any."""
    return bool(redis.keys(keys.task("*")))


async def test_what_was_taken_back_is_taken_back_of_the_next_primary_too(start: Start, pair: Pair) -> None:
    primary, replica = pair.servers
    link = Junction(primary.port, last=keys.task("").encode(), end=b"EXEC")  # it breaks behind the acceptance
    async with Junction(primary.port).listening() as way, link.listening():
        pair.replica.replicaof("127.0.0.1", str(link.port))
        await asyncio.to_thread(wait_until, lambda: pair.primary.wait(1, 100) == 1, what="the replica follows")
        client = await start(REDIS_URL=way.url, REDIS_REPLICAS="1")
        pair.primary.script_load(source("accept"))
        pair.pause_replica()
        refused(await client.post("queue-single-call", BODY), 503)
        await asyncio.to_thread(wait_until, lambda: not tasks(pair.primary), what="it is taken back")
        assert primary.process is not None
        primary.process.kill()
        pair.go_on()
        await asyncio.to_thread(
            wait_until, lambda: tasks(pair.replica), seconds=15, what="the replica knows the acceptance alone"
        )
        way.leads_to = replica.port
        pair.replica.replicaof("NO", "ONE")

        await asyncio.to_thread(wait_until, lambda: not tasks(pair.replica), seconds=15, what="it is taken back there")
