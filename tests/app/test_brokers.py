"""Which Redis messages go over: told by a mark in it, since many URLs lead to the same one."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from redis import Redis

from app.context import STANDING
from schemas.messages import QUEUE
from tests.app.conftest import Start
from tests.app.test_health import pulse, tick
from tests.processes import ROOT, RedisServer, wait_until

#: What a worker says at its start, and nothing else that it does.
_REPORTS = (
    "from worker.context import join; from worker.application import read_settings; join('worker', read_settings())"
)

Reported = Callable[..., None]


@pytest.fixture
def reported(variables: dict[str, str]) -> Reported:
    """A worker with these settings reports."""

    def one(**settings: str) -> None:
        environment = {**os.environ, **variables, **settings, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", _REPORTS], env=environment, check=True, timeout=60, cwd=ROOT)

    return one


def elsewhere(server: RedisServer) -> dict[str, str]:
    """The same records, and messages over another database."""
    return {"CELERY_BROKER_URL": f"{server.url.rpartition('/')[0]}/9", "REDIS_URL": server.url}


async def named(start: Start, redis: "Redis", **settings: str) -> list[str]:
    """Details of what /health says of settings."""
    pulse(redis, "one")
    tick(redis, "clock")
    client = await start(**settings)
    assert client.http.app is not None
    await client.http.app[STANDING].report()
    problems = (await client.health()).body["problems"]
    return [one["detail"] for one in problems if one["code"] == "settings_differ"]


async def test_what_wakes_the_workers_ends_by_no_clock_of_a_host(start: Start, redis: "Redis") -> None:
    client = await start()
    await client.queue("queue-single-call", {"to_number": "+12025550100"})
    await asyncio.to_thread(wait_until, lambda: redis.llen(QUEUE) > 0, what="it is sent")
    (message,) = [json.loads(text) for text in redis.lrange(QUEUE, 0, -1)]

    assert message["headers"]["expires"] is None


async def test_workers_are_woken_whatever_another_program_set_for_celery(
    start: Start, redis: "Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CELERY_RESULT_BACKEND", "CELERY_BROKER_WRITE_URL", "CELERY_CONFIG_MODULE", "CELERY_LOADER"):
        monkeypatch.setenv(name, "another_programs")
    client = await start()
    await client.queue("queue-single-call", {"to_number": "+12025550100"})
    await asyncio.to_thread(wait_until, lambda: redis.llen(QUEUE) > 0, what="it is sent")


async def test_a_part_at_another_broker_is_named(
    start: Start, redis: "Redis", redis_server: RedisServer, reported: Reported
) -> None:
    reported(**elsewhere(redis_server))
    (told,) = await named(start, redis)
    assert told.startswith("CELERY_BROKER_URL has one value in ")


async def test_one_that_names_the_same_broker_otherwise_is_not(
    start: Start, redis: "Redis", redis_server: RedisServer, reported: Reported
) -> None:
    alias = redis_server.url.replace("127.0.0.1", "localhost")
    reported(CELERY_BROKER_URL=alias, REDIS_URL=redis_server.url)
    assert await named(start, redis) == []


async def test_a_web_process_at_another_broker_is_named_too(
    start: Start, redis: "Redis", redis_server: RedisServer, reported: Reported
) -> None:
    reported()
    assert len(await named(start, redis, **elsewhere(redis_server))) == 1


async def test_a_broker_that_is_away_makes_no_difference(
    start: Start, redis: "Redis", redis_server: RedisServer, reported: Reported
) -> None:
    reported(CELERY_BROKER_URL="redis://127.0.0.1:1/0", REDIS_URL=redis_server.url)
    assert await named(start, redis) == []


async def test_while_the_broker_is_away_it_is_named_and_not_the_workers(
    start: Start, redis: "Redis", redis_server: RedisServer
) -> None:
    tick(redis, "clock")
    client = await start(CELERY_BROKER_URL="redis://127.0.0.1:1/0", REDIS_URL=redis_server.url)
    assert client.http.app is not None
    await client.http.app[STANDING].report()
    (problem,) = (await client.health()).body["problems"]
    assert problem["code"] == "no_worker"
    assert "CELERY_BROKER_URL does not answer" in problem["detail"]


async def test_a_web_process_that_ends_leaves_no_connection_to_either(
    start: Start, redis: "Redis", redis_server: RedisServer
) -> None:
    def connected() -> set[str]:
        return {one["db"] for one in redis.client_list() if one["id"] not in before}

    before = {one["id"] for one in redis.client_list()}
    client = await start(**elsewhere(redis_server))
    assert client.http.app is not None
    await client.http.app[STANDING].report()
    assert "9" in connected()

    await client.http.close()
    async with asyncio.timeout(20):
        while connected():
            await asyncio.to_thread(redis.ping)
