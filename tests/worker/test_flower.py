"""Flower as this application's command."""

import json
import re
import socket
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis
from redis.client import PubSub

from schemas import keys
from schemas.messages import PLACE
from tests.ports import reserve_port
from tests.processes import BIN, START_SECONDS, Process, RedisServer, wait_until
from tests.stack import Stack

#: Flower's gaps between two tries to hear the workers double; meanwhile it has tried to speak to them (every 5 s).
TRIED_BOTH = "trying again in 8 seconds"


@pytest.fixture
def redis_of_its_own(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path).start()
    yield server
    server.stop()


def _next(spoken: "PubSub") -> str:
    """What Flower asked the workers to do, if it said something within a second."""
    message = spoken.get_message(timeout=1)
    return b64decode(json.loads(message["data"])["body"]).decode() if message else ""


def test_flower_ends_on_sigterm_while_its_threads_wait_for_a_redis_that_is_away(
    redis_of_its_own: RedisServer, tmp_path: Path
) -> None:
    command = [str(BIN / "celery"), "-A", "worker", "flower", "--address=127.0.0.1", f"--port={reserve_port()}"]
    with Redis(port=redis_of_its_own.port) as redis, redis.pubsub(ignore_subscribe_messages=True) as spoken:
        spoken.psubscribe("*pidbox*")
        flower = Process("flower", command, tmp_path, {"CELERY_BROKER_URL": redis_of_its_own.url})
        wait_until(lambda: "enable_events" in _next(spoken), START_SECONDS, "Flower has a connection to speak on")
    redis_of_its_own.stop()
    wait_until(lambda: TRIED_BOTH in flower.output, START_SECONDS, "Flower misses Redis")

    assert flower.stop() == 0


def _takes(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(("settings", "open_to_all"), [({}, False), ({"FLOWER_ADDRESS": "0.0.0.0"}, True)])  # noqa: S104
def test_flower_is_reached_by_this_machine_alone_unless_an_address_is_named(
    redis_of_its_own: RedisServer, tmp_path: Path, settings: dict[str, str], open_to_all: bool
) -> None:
    port = reserve_port()
    command = [str(BIN / "celery"), "-A", "worker", "flower", f"--port={port}"]
    flower = Process("flower", command, tmp_path, {"CELERY_BROKER_URL": redis_of_its_own.url, **settings})
    try:
        wait_until(lambda: _takes("127.0.0.1", port), START_SECONDS, "Flower listens")
        assert _takes("127.0.0.2", port) is open_to_all  # another address of this machine's
    finally:
        flower.stop()


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    running = Stack(tmp_path, {"CALLS_PER_SECOND": "50", "SINGLE_CALLS_PER_MINUTE": "3000"})
    try:
        yield running.start()
    finally:
        running.stop()


def _pulse_ms(stack: Stack) -> float:
    """Of the worker, which has one only after a canary that its pool took."""
    with Redis.from_url(stack.redis.url) as redis:
        newest = redis.zrange(keys.WORKERS, -1, -1, withscores=True)
        return float(newest[0][1]) if newest else 0.0


def test_flower_shows_calls_by_the_ids_of_the_api_with_masked_numbers_and_outcomes_and_nothing_else(
    stack: Stack, tmp_path: Path
) -> None:
    port = reserve_port()
    command = [str(BIN / "celery"), "-A", "worker", "flower", "--address=127.0.0.1", f"--port={port}"]
    settings = {"CELERY_BROKER_URL": stack.redis.url, "FLOWER_UNAUTHENTICATED_API": "true"}
    flower = Process("flower", command, tmp_path, settings)
    url, numbers = f"http://127.0.0.1:{port}", iter(f"+1202555{index:04}" for index in range(1000))

    def shown() -> dict[str, dict[str, Any]]:
        return dict(requests.get(f"{url}/api/tasks", timeout=10).json())

    def placed_one() -> bool:
        stack.queue("queue-single-call", to_number=next(numbers))
        return bool(shown())

    try:
        wait_until(lambda: "Connected to redis" in flower.output, START_SECONDS, "Flower listens")
        wait_until(placed_one, START_SECONDS, "workers tell Flower what they do")
        single = stack.queue("queue-single-call", to_number="+12025559101")
        refused = stack.queue("queue-single-call", to_number="+15005550001")
        campaign = stack.queue("queue-bulk-calls", phone_numbers=["+12025559102"])
        before_ms = _pulse_ms(stack)
        wait_until(lambda: _pulse_ms(stack) >= before_ms + 3000, what="canaries come and go")
        found = {task_id: _row(url, task_id) for task_id in (single, refused, f"{campaign}-1")}
        tasks = shown()
        page = requests.get(f"{url}/task/{single}", timeout=10)
    finally:
        flower.stop()

    assert [row.rpartition(":")[0] for row in found.values()] == [
        "'+1202…01 placed",
        "'+1500…01 refused",
        "'+1202…02 placed",
    ]
    assert "error 21217" in found[refused]
    # Of what was under way when Flower began to listen it knows no name.
    assert {task["name"] for task in tasks.values() if task["name"]} == {PLACE}
    assert page.status_code == 200
    assert not {"2025559101", "5005550001", "2025559102"} & set(re.findall(r"\d{10}", page.text + json.dumps(tasks)))


def _row(url: str, task_id: str) -> str:
    """What Flower tells of a task's end, by the id that the API gave."""

    def ended() -> bool:
        answer = requests.get(f"{url}/api/task/info/{task_id}", timeout=10)
        return answer.ok and answer.json()["state"] == "SUCCESS"

    wait_until(ended, START_SECONDS, f"Flower knows {task_id}")
    return str(requests.get(f"{url}/api/task/info/{task_id}", timeout=10).json()["result"])
