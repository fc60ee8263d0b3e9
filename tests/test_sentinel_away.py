"""One of the sentinels is down, or says nothing: every client of ours asks another one, in time."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis

from app.publisher import celery_producer
from app.settings import Settings
from runtime.connections import connect
from runtime.sentinel import sentinel_hosts
from schemas.messages import DISPATCH, QUEUE
from tests.e2e.sentinels import GROUP, Sentinels
from tests.machine import Machine
from tests.ports import reserve_port
from tests.processes import BASE_PATH, ROOT, Process, RedisServer

#: To start, to give up the one, to be told by another, to connect and to be answered.
SECONDS = 5.0
#: Ends badly if the answer takes longer than a client of the web tier may wait.
_PING = """
import asyncio, sys
from app.settings import Settings
from app.store.client import Store

settings = Settings.read({"REDIS_URL": sys.argv[1], "REDIS_SENTINEL_MASTER": sys.argv[2]})
asyncio.run(Store(settings.redis_url, settings.sentinel).ask("PING"))
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URLs of sentinels that answer."""
    folder = tmp_path_factory.mktemp("sentinels")
    primary, sentinels = RedisServer(folder).start(), Sentinels(folder, replicas=0)
    try:
        sentinels.watch(primary)
        yield sentinels.url
    finally:
        sentinels.stop()
        primary.stop()


@pytest.fixture(params=["down", "silent"])
def settings(request: pytest.FixtureRequest, live: str) -> Iterator[Settings]:
    """Those of a web tier whose first sentinel is away."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if request.param == "silent" else reserve_port()
        url = f"sentinel://127.0.0.1:{port}/0;{live}"
        yield Settings.read({"CELERY_BROKER_URL": url, "REDIS_SENTINEL_MASTER": GROUP})


def web_records(settings: Settings) -> None:
    """In a process of its own, because asyncio closes a connection to a sentinel after the loop has ended."""
    command = [sys.executable, "-c", _PING, settings.redis_url, GROUP]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)})


def broker(settings: Settings) -> None:
    with celery_producer(settings.broker_url, settings.sentinel) as celery:
        celery.send_task(DISPATCH, queue=QUEUE, ignore_result=True)


def worker_records(settings: Settings) -> None:
    with connect(settings.redis_url, settings.sentinel) as client:
        client.ping()


@pytest.mark.parametrize("client", [web_records, broker, worker_records])
def test_a_sentinel_that_is_away_keeps_no_client_from_redis(
    settings: Settings, client: Callable[[Settings], None], machine: Machine
) -> None:
    """Asked again and again before another one, it kept the web tier away from Redis for good."""
    watch = machine.stopwatch()
    client(settings)
    assert watch.seconds < SECONDS


@pytest.fixture
def locked(live: str) -> Iterator[None]:
    """The sentinels want a password."""
    _set_passwords(live, None, "resetpass", ">right")
    yield
    _set_passwords(live, "right", "nopass")


def _set_passwords(live: str, password: str | None, *rules: str) -> None:
    for _, port in sentinel_hosts(live):
        with Redis(port=port, protocol=2, password=password) as sentinel:
            sentinel.execute_command("ACL", "SETUSER", "default", *rules)


def test_who_asks_sentinels_for_a_name_that_they_do_not_know_is_told_so(live: str, tmp_path: Path) -> None:
    told = _told(tmp_path, CELERY_BROKER_URL=live, REDIS_SENTINEL_MASTER="misspelt")
    assert all("None of the sentinels names a primary" in one for one in told), told


@pytest.mark.parametrize("password", ["", "swordfish"])
def test_who_has_not_the_sentinels_password_is_told_so(locked: None, live: str, tmp_path: Path, password: str) -> None:
    settings = {"CELERY_BROKER_URL": live, "REDIS_SENTINEL_MASTER": GROUP, "REDIS_SENTINEL_PASSWORD": password}
    told = _told(tmp_path, **settings)
    assert all("does not take the password that it is given, or wants one" in one for one in told), told
    assert not any("swordfish" in one for one in told)


def _told(folder: Path, **settings: str) -> tuple[str, str]:
    """What /health and worker.admin say, which is one sentence each."""
    port = reserve_port()
    web = Process("web", [sys.executable, "-m", "app"], folder, {**settings, "APP_PORT": str(port)})
    health = web.wait_for_answer(lambda: _health(port))
    admin = [sys.executable, "-m", "worker.admin", "queue"]
    ended = subprocess.run(admin, cwd=ROOT, check=False, capture_output=True, text=True, env={**os.environ, **settings})
    assert web.stop() == 0
    (problem,) = health["problems"]
    assert (health["status"], ended.returncode) == ("unhealthy", 1)
    return problem["detail"], ended.stderr


def _health(port: int) -> dict[str, Any]:
    with suppress(requests.ConnectionError):
        return dict(requests.get(f"http://127.0.0.1:{port}{BASE_PATH}/health", timeout=10).json())
    return {}
