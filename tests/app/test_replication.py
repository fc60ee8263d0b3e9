"""Writes are confirmed only by replicas that have them, whatever happens to connections and other askers."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.asyncio.connection import ConnectionPool

from app.store.pipeline import Pipeline
from app.store.replication import Replication
from tests.processes import RedisServer, wait_until


class Pair:
    """A primary and its replica."""

    def __init__(self, folder: Path) -> None:
        self.servers = [RedisServer(folder / name) for name in ("primary", "replica")]
        for server in self.servers:
            server.folder.mkdir()
            server.start()
        self.primary, self.replica = (Redis(port=server.port, decode_responses=True) for server in self.servers)
        self.primary.config_set("repl-diskless-sync-delay", 0)
        self.replica.config_set("appendonly", "no")  # which it would write anew after the sync, and not end meanwhile
        self.replica.replicaof("127.0.0.1", self.servers[0].port)
        wait_until(lambda: self.replica.info("replication")["master_link_status"] == "up", what="the replica follows")

    def pause_replica(self) -> None:
        assert self.servers[1].process is not None
        self.servers[1].process.signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.servers[1].process is not None
        self.servers[1].process.signal(signal.SIGCONT)

    def is_level(self) -> bool:
        """Whether the primary knows of nothing that the replica has not."""
        told = self.primary.info("replication")
        return bool(told["slave0"]["offset"] == told["master_repl_offset"])

    def stop(self) -> None:
        for client, server in zip((self.replica, self.primary), reversed(self.servers), strict=True):
            client.close()
            server.stop()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    one = Pair(tmp_path_factory.mktemp("pair"))
    yield one
    one.stop()


@pytest.fixture
def pair(servers: Pair) -> Iterator[Pair]:
    """The pair, whose replica follows again at the end."""
    yield servers
    servers.go_on()
    wait_until(lambda: servers.primary.wait(1, 1000) == 1, what="the replica has everything")


@contextlib.asynccontextmanager
async def confirmed_by(pair: Pair, replicas: int = 1) -> AsyncIterator[Replication]:
    pool = ConnectionPool.from_url(pair.servers[0].url, protocol=2)
    confirmation = Replication(Pipeline(pool), replicas)
    try:
        yield confirmation
    finally:
        await confirmation.close()


async def _write(confirmation: Replication, word: str) -> tuple[Any, bool]:
    return await confirmation.ask(("SET", "word", word))


async def test_what_the_replica_has_is_confirmed_and_many_share_a_wait(pair: Pair) -> None:
    async with confirmed_by(pair) as confirmation:
        await _write(confirmation, "first")
        pair.primary.config_resetstat()
        asked = (confirmation.ask(("ECHO", f"{number}")) for number in range(50))
        assert await asyncio.gather(*asked) == [(f"{number}", True) for number in range(50)]

    assert pair.primary.info("commandstats")["cmdstat_wait"]["calls"] <= 2


async def test_what_the_replica_does_not_have_is_not_confirmed_even_after_what_it_has(pair: Pair) -> None:
    async with confirmed_by(pair) as confirmation:
        assert await _write(confirmation, "one") == ("OK", True)
        pair.pause_replica()
        assert await _write(confirmation, "two") == ("OK", False)


async def test_more_replicas_than_there_are_confirm_nothing(pair: Pair) -> None:
    async with confirmed_by(pair, replicas=2) as confirmation:
        assert await _write(confirmation, "one") == ("OK", False)


async def test_a_connection_that_breaks_during_the_wait_confirms_nothing(pair: Pair) -> None:
    async with confirmed_by(pair) as confirmation:
        await _write(confirmation, "one")
        pair.pause_replica()
        asked = asyncio.create_task(_write(confirmation, "two"))
        await asyncio.to_thread(wait_until, lambda: pair.primary.get("word") == "two")
        pair.primary.client_kill_filter(_type="normal", skipme=True)
        assert await asked == ("OK", False)


async def test_a_client_that_goes_takes_the_confirmation_from_no_other(pair: Pair) -> None:
    async with confirmed_by(pair) as confirmation:
        await _write(confirmation, "zero")
        pair.pause_replica()
        going, staying = (asyncio.create_task(_write(confirmation, word)) for word in ("one", "two"))
        done, _ = await asyncio.wait((going, staying), timeout=0.1)
        assert not done  # both have their answers and wait for the replica
        going.cancel()
        await asyncio.wait((going,))
        pair.go_on()
        assert await staying == ("OK", True)


async def test_the_first_write_of_a_connection_is_not_confirmed_by_what_the_replica_had_before(pair: Pair) -> None:
    wait_until(pair.is_level, what="the replica has told that it has everything")
    pair.pause_replica()
    async with confirmed_by(pair) as confirmation:
        assert await _write(confirmation, "one") == ("OK", False)
