"""A web tier as a process, whose Redis goes away."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from redis import Redis

from schemas import keys
from tests.processes import BASE_PATH, START_SECONDS, Process, RedisServer, free_port, wait_until

#: Contract: the 503 comes within this.
ANSWER_SECONDS = 2.0
QUICK_SECONDS = 0.5


class Away:
    """Redis and the web tier, each of which can be stopped, killed and started again."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self.redis = RedisServer(folder / "redis")
        self.redis.folder.mkdir()
        self.redis.start()
        self.variables = {**variables, "CELERY_BROKER_URL": self.redis.url, "APP_PORT": str(free_port())}
        self.process: Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.variables['APP_PORT']}"

    def start(self, **settings: str) -> "Away":
        """Starts the web tier."""
        self.process = Process("web", [sys.executable, "-m", "app"], self.folder, self.variables | settings)
        wait_until(self._lives, START_SECONDS, "the web tier answers")
        return self

    def stop(self) -> None:
        try:
            self.stop_web()
        finally:
            self.redis.stop()

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
        """An answer and the seconds it took."""
        began = time.monotonic()
        answer = requests.request(method, self.url + path, timeout=20, **options)
        return answer, time.monotonic() - began

    def post(self, number: str) -> requests.Response:
        return self.timed("POST", f"{BASE_PATH}/queue-single-call", json={"to_number": number})[0]

    def numbers(self) -> set[str]:
        """Numbers of which there is a record."""
        with Redis.from_url(self.redis.url, decode_responses=True, protocol=2, socket_timeout=5) as client:
            return {str(client.hget(key, "to")) for key in client.scan_iter(keys.task("*"))}

    def _lives(self) -> bool:
        assert self.process is not None
        assert self.process.alive, self.process.output
        try:
            return requests.get(f"{self.url}/livez", timeout=2).ok
        except requests.ConnectionError:
            return False
