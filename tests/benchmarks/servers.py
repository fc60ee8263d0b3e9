"""Servers to be measured, each on the first core; Redis and the load generator share the second."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests

from tests.ports import reserve_port
from tests.processes import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    FROM_NUMBER,
    Process,
    RedisServer,
)

_CORES: Final = sorted(os.sched_getaffinity(0))
SERVER_CORE: Final = _CORES[0]
LOAD_CORE: Final = _CORES[-1]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Processes started in this block stay on that core."""
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, _CORES)


@dataclass
class Server:
    """One HTTP server under load."""

    port: int
    process: Process

    def load(self, path: str, *, method: str = "GET", body: str = "", **options: float) -> dict[str, Any]:
        """What the load generator measured; raises if any answer was not a 200."""
        words = ["--port", str(self.port), "--path", path, "--method", method, "--body", body]
        for name, value in options.items():
            words += [f"--{name}", str(value)]
        with on_core(LOAD_CORE):
            command = [sys.executable, "-m", "tests.benchmarks.load", *words]
            printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120).stdout
        figures: dict[str, Any] = json.loads(printed)
        if figures["errors"]:
            raise RuntimeError(f"{figures['errors']} answers of {self.process.name} were no success")
        return figures

    def answers(self, path: str) -> bool:
        try:
            requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=2)
        except requests.ConnectionError:
            return False
        return True


@contextmanager
def redis_on_load_core(folder: Path) -> Iterator[RedisServer]:
    """An empty Redis as the project runs it: each write on the disk before it is answered."""
    folder.mkdir()
    with on_core(LOAD_CORE):
        server = RedisServer(folder).start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def running(name: str, folder: Path, redis_url: str = "") -> Iterator[Server]:
    """`ours`, `fastapi` or `aiohttp`, once it answers."""
    port = reserve_port()
    with on_core(SERVER_CORE):
        process = Process(name, command(name, port), folder, environment(port, redis_url))
    server = Server(port, process)
    try:
        process.wait_for_answer(lambda: server.answers("/"))
        yield server
    finally:
        process.stop()


def command(name: str, port: int) -> list[str]:
    if name == "ours":
        return [sys.executable, "-m", "app"]
    if name == "aiohttp":
        return [sys.executable, "-m", "tests.benchmarks.bare_aiohttp", str(port)]
    options = ["--port", str(port), "--loop", "uvloop", "--http", "httptools"]
    return [sys.executable, "-m", "uvicorn", "tests.benchmarks.peer_fastapi:app", *options]


def environment(port: int, redis_url: str) -> dict[str, str]:
    return {
        "CELERY_BROKER_URL": redis_url,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_PHONE_NUMBER": FROM_NUMBER,
        "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
        "APP_PORT": str(port),
    }
