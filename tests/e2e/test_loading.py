"""While Redis reads its file, which takes minutes for millions of calls, it says that it appends to none."""

from functools import partial
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import BusyLoadingError, RedisError

from runtime.standing.reporter import redis_state
from tests.e2e.test_refused_starts import PARTS, environment
from tests.processes import START_SECONDS, Process, RedisServer, wait_until

KEYS = 200_000
#: For each key: more than a minute in all, which is cut short when every part has looked at Redis.
LOAD_DELAY_US = 300


def _told(client: "Redis") -> int:
    try:
        return int(client.zcard("tw:parts"))
    except RedisError:  # not ready, or not there yet
        return 0


def _waits(part: Process) -> bool:
    return "redis_not_looked_at" in part.output or "clock_waits_for_redis" in part.output


def _restart(server: RedisServer, delay_us: int) -> None:
    assert server.process is not None
    server.process.kill()
    with (server.folder / "redis.conf").open("a") as config:
        config.write(f"key-load-delay {delay_us}\n")
    server.start()


def _fill(server: RedisServer) -> None:
    with Redis.from_url(server.url) as client, client.pipeline(transaction=False) as pipeline:
        for number in range(KEYS):
            pipeline.set(f"ballast:{number}", "")
        pipeline.execute()


def test_parts_that_start_meanwhile_wait_and_go_on(tmp_path: Path) -> None:
    server = RedisServer(tmp_path).start()
    parts: list[Process] = []
    try:
        _fill(server)
        _restart(server, LOAD_DELAY_US)
        with Redis.from_url(server.url) as client:
            with pytest.raises(BusyLoadingError):
                redis_state(client)
            parts += [Process(part, command, tmp_path, environment(server)) for part, command in PARTS.items()]
            for part in parts:
                wait_until(partial(_waits, part), START_SECONDS, f"{part.name} waits")
            _restart(server, 0)
            wait_until(lambda: _told(client) == len(PARTS), START_SECONDS, "all parts are there")
    finally:
        for part in parts:
            part.stop()
        server.stop()
