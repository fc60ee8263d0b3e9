"""A replica that left may be the next primary already: what others have is not confirmed until that cannot be."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.asyncio.connection import ConnectionPool

from app.store.pipeline import Pipeline
from app.store.replication import Replication
from runtime.scripts import ScriptRunner
from schemas.scripts.holds import drain
from tests.processes import RedisServer, wait_until
from worker.admin.copies.backup import write_backup

Ask = Callable[[], Awaitable[bool]]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisServer]]:
    """A primary and two replicas."""
    folder = tmp_path_factory.mktemp("three")
    ones = [RedisServer(folder / name) for name in ("primary", "one", "other")]
    for server in ones:
        server.folder.mkdir()
        server.start()
    with Redis(port=ones[0].port) as primary:
        primary.config_set("repl-diskless-sync-delay", 0)
    yield ones
    for server in ones:
        server.stop()


@pytest.fixture
def primary(servers: list[RedisServer]) -> Iterator["Redis"]:
    """Both replicas follow it."""
    for server in servers[1:]:
        _follow(server, servers[0])
    with Redis(port=servers[0].port, decode_responses=True, protocol=2) as client:
        wait_until(lambda: client.wait(2, 100) == 2, what="both replicas have everything")
        yield client


@pytest.fixture(params=["web", "worker"])
async def ask(request: pytest.FixtureRequest, primary: "Redis", servers: list[RedisServer]) -> AsyncIterator[Ask]:
    """Writes, and tells whether that is confirmed by one replica at least."""
    replication = Replication(Pipeline(ConnectionPool.from_url(servers[0].url, protocol=2)), 1)
    runner = ScriptRunner(primary)

    async def by_web() -> bool:
        return (await replication.ask(("SET", "word", "one")))[1]

    async def by_worker() -> bool:
        return runner.run_replicated(drain(), 1)[1]

    yield by_web if request.param == "web" else by_worker
    await replication.close()


def _follow(server: RedisServer, primary: RedisServer | None) -> None:
    with Redis(port=server.port) as client:
        if primary is None:
            client.replicaof("NO", "ONE")
        else:
            client.replicaof("127.0.0.1", str(primary.port))


async def test_while_a_replica_may_be_the_next_primary_another_ones_word_counts_for_nothing(
    ask: Ask, primary: "Redis", servers: list[RedisServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await ask()
    _follow(servers[2], None)
    wait_until(lambda: primary.info("replication")["connected_slaves"] == 1, what="it has left")
    assert not await ask()
    assert not await ask()

    monkeypatch.setattr("schemas.operation.witnesses._PATIENCE_SECONDS", 0.0)
    assert await ask()


async def test_a_replica_that_comes_back_counts_again(ask: Ask, primary: "Redis", servers: list[RedisServer]) -> None:
    assert await ask()
    primary.client_kill_filter(_type="replica")
    wait_until(lambda: primary.wait(2, 100) == 2, what="both replicas are back")
    assert await ask()


async def test_the_next_primary_is_not_asked_for_replicas_of_the_last(
    ask: Ask, primary: "Redis", servers: list[RedisServer]
) -> None:
    assert await ask()
    _follow(servers[2], None)
    # As one that was a replica has another:
    primary.execute_command("DEBUG", "CHANGE-REPL-ID")  # type: ignore[no-untyped-call]
    wait_until(lambda: primary.info("replication")["connected_slaves"] == 1, what="it has left")
    assert await ask()


async def test_who_takes_a_copy_is_no_replica(ask: Ask, primary: "Redis", tmp_path: Path) -> None:
    assert await ask()
    write_backup(primary, tmp_path / "calls.aof")
    assert await ask()
