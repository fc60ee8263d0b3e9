"""A web tier as a process, whose Redis goes away."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import requests
from redis import Redis

from app.store import pipeline
from schemas import keys
from tests.machine import Machine
from tests.ports import reserve_port
from tests.processes import BASE_PATH, Process, RedisServer

#: Contract: the 503 comes within two seconds. Who waited for an answer of Redis twice would take longer than this.
ANSWER_SECONDS = 1.9 * pipeline.ANSWER_SECONDS
#: Nobody who waits for Redis, be it for a connection, is quicker.
QUICK_SECONDS = 0.9 * pipeline.CONNECT_SECONDS


class Away:
    """Redis and the web tier, each of which can be stopped, killed and started again."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self.redis = RedisServer(folder / "redis")
        self.redis.folder.mkdir()
        self.redis.start()
        self.variables = {**variables, "CELERY_BROKER_URL": self.redis.url, "APP_PORT": str(reserve_port())}
        self.process: Process | None = None
        self.machine = Machine()

    def __enter__(self) -> Self:
        self.machine.__enter__()
        return self

    def __exit__(self, *reason: object) -> None:
        try:
            self.stop_web()
        finally:
            self.redis.stop()
            self.machine.__exit__(*reason)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.variables['APP_PORT']}"

    def start(self, **settings: str) -> "Away":
        """Starts the web tier."""
        self.process = Process("web", [sys.executable, "-m", "app"], self.folder, self.variables | settings)
        self.process.wait_for_answer(self._lives)
        return self

    def stop_web(self) -> None:
        """Asks the web tier to end, which it must."""
        if self.process is not None:
            assert self.process.stop() == 0, self.output

    @property
    def output(self) -> str:
        return "" if self.process is None else self.process.output

    def signal_redis(self, number: Any) -> None:
        assert self.redis.process is not None
        self.redis.process.signal(number)

    def kill_redis(self) -> None:
        assert self.redis.process is not None
        self.redis.process.kill()

    def timed(self, method: str, path: str, **options: Any) -> tuple[requests.Response, float]:
        """An answer and the seconds it took on a machine that is not busy."""
        watch = self.machine.stopwatch()
        answer = requests.request(method, self.url + path, timeout=60, **options)
        return answer, watch.seconds

    def post(self, number: str) -> requests.Response:
        return self.timed("POST", f"{BASE_PATH}/queue-single-call", json={"to_number": number})[0]

    def numbers(self) -> set[str]:
        """Numbers of which there is a record."""
        with Redis.from_url(self.redis.url, decode_responses=True, protocol=2, socket_timeout=5) as client:
            return {str(client.hget(key, "to")) for key in client.scan_iter(keys.task("*"))}

    def _lives(self) -> bool:
        try:
            return requests.get(f"{self.url}/livez", timeout=2).ok
        except requests.ConnectionError:
            return False
