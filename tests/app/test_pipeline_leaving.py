"""Connections that the pipeline must leave, and what those hear who wait then."""

import asyncio

import pytest
from redis import Redis

from app.errors import LedgerAway
from app.store.pipeline import RefusedByRedis
from tests.app.test_pipeline import opened
from tests.machine import Machine
from tests.ports import reserve_port
from tests.processes import RedisServer


@pytest.fixture
def patience_seconds(monkeypatch: pytest.MonkeyPatch) -> float:
    """Answers are waited for so much longer than a busy machine needs that who heard at once did not wait."""
    monkeypatch.setattr("app.store.pipeline.ANSWER_SECONDS", 20.0)
    monkeypatch.setattr("app.store.pipeline.CONNECT_SECONDS", 20.0)
    return 20.0


class Nonsense(asyncio.Protocol):
    """A server whose first connection answers what no Redis does."""

    def __init__(self) -> None:
        self.connections = 0
        self.left = asyncio.Event()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.connections += 1
        self._transport = transport
        self.left.clear()

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        for command in data.split(b"\r\n*"):
            echo = b"+fine\r\n" if self.connections > 1 else b"nonsense\r\n"
            self._transport.write(echo if b"ECHO" in command else b"+OK\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self.left.set()


async def test_a_connection_that_talks_nonsense_is_left_at_once(machine: Machine, patience_seconds: float) -> None:
    nonsense = Nonsense()
    loop = asyncio.get_running_loop()
    watch = machine.stopwatch()
    async with await loop.create_server(lambda: nonsense, "127.0.0.1", 0) as server:
        async with opened(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0") as store:
            assert await store.ask("ECHO", "x") == "fine"
        await nonsense.left.wait()

    assert nonsense.connections == 2
    assert watch.seconds < patience_seconds / 2


async def test_a_primary_that_became_a_replica_is_left_and_found_again(redis_server: RedisServer) -> None:
    with Redis(port=redis_server.port, decode_responses=True) as redis:
        async with opened(redis_server.url) as store:
            assert await store.ask("SET", "a", "1") == "OK"
            redis.replicaof("127.0.0.1", 1)
            before = int(redis.info("stats")["total_connections_received"])
            try:
                with pytest.raises(RefusedByRedis) as refused:
                    await store.ask("SET", "a", "2")
                assert refused.value.reason.startswith("READONLY")
                assert await store.ask("GET", "a") == "1"
            finally:
                redis.replicaof("NO", "ONE")
            assert int(redis.info("stats")["total_connections_received"]) == before + 1
            assert await store.ask("SET", "a", "3") == "OK"


async def test_whoever_waits_when_the_pipeline_closes_hears_so_at_once(
    redis_server: RedisServer, redis: "Redis", machine: Machine, patience_seconds: float
) -> None:
    async with opened(redis_server.url) as store:
        await store.ask("PING")
        redis.client_pause(1000)
        asked = asyncio.create_task(store.ask("ECHO", "x"))
        await asyncio.wait((asked,), timeout=0.01)
    watch = machine.stopwatch()
    with pytest.raises(LedgerAway):
        await asked
    assert watch.seconds < patience_seconds / 2


async def test_where_nobody_listens_one_hears_so_at_once(machine: Machine, patience_seconds: float) -> None:
    watch = machine.stopwatch()
    async with opened(f"redis://127.0.0.1:{reserve_port()}/0") as store:
        with pytest.raises(LedgerAway):
            await store.ask("ECHO", "x")
    assert watch.seconds < patience_seconds / 2
