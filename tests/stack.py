"""The whole program, as it runs for real."""

import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from tests import logs
from tests.ports import reserve_port
from tests.processes import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    BASE_PATH,
    BIN,
    FROM_NUMBER,
    START_SECONDS,
    Process,
    RedisServer,
    Simulator,
    all_go_on,
    wait_until,
)


class Stack:
    """Redis, simulator, web tier, workers and beats, all real."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        *simulator_options: str,
        redis: RedisServer | None = None,
    ) -> None:
        self.folder = folder
        self.redis = (redis or RedisServer(folder)).start()
        self.simulator = Simulator(folder, *(simulator_options or ("--speed", "10")))
        self.port = reserve_port()
        self.env = {
            "CELERY_BROKER_URL": self.redis.url,
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_PHONE_NUMBER": FROM_NUMBER,
            "TWILIO_API_BASE_URL": self.simulator.url,
            "APP_PORT": str(self.port),
            "ALLOW_PRIVATE_WEBHOOKS": "1",  # the tests' receivers are on loopback
            **(settings or {}),
        }
        self.processes: list[Process] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, workers: int = 1, beats: int = 1) -> "Stack":
        """Starts the rest and waits until all of it is healthy."""
        self.start_web()
        for _ in range(workers):
            self.start_worker()
        for _ in range(beats):
            self.start_beat()
        wait_until(lambda: self._all_there(workers, beats), START_SECONDS, "the stack is healthy")
        return self

    def start_web(self, port: int | None = None) -> Process:
        return self.start_process("web", [sys.executable, "-m", "app"], {"APP_PORT": str(port or self.port)})

    def start_worker(self, pool: str = "threads", concurrency: int = 4, *more: str, **settings: str) -> Process:
        options = ["--queues", "twilio_calls", "--pool", pool, "--concurrency", str(concurrency)]
        quick = ["--without-gossip", "--without-mingle"]
        return self.start_process(
            "worker", [str(BIN / "celery"), "-A", "worker", "worker", *options, *quick, *more], settings
        )

    def start_beat(self) -> Process:
        return self.start_process("beat", [str(BIN / "celery"), "-A", "worker", "beat"])

    def stop(self) -> None:
        """Ends everything, what needs Redis and Twilio at the same time; nothing is left behind."""
        with ExitStack() as ends:  # each, even if another does not end
            ends.callback(self.redis.stop)
            ends.callback(self.simulator.process.stop)
            for process in self.processes:
                ends.callback(process.stop)
            for process in self.processes:
                ends.callback(process.terminate)
                ends.callback(process.signal, signal.SIGCONT)

    def post(self, endpoint: str, body: Any, **headers: str) -> requests.Response:
        logs.RUN.sent(body)
        return requests.post(f"{self.url}{BASE_PATH}/{endpoint}", json=body, headers=headers, timeout=20)

    def queue(self, endpoint: str, **body: Any) -> str:
        """Queues a task that must be accepted, if after a 503 of a busy machine, of which nothing is left; its id."""
        answer = self.post(endpoint, body)
        while answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            all_go_on()
            time.sleep(float(answer.headers["Retry-After"]))
            answer = self.post(endpoint, body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])

    def status(self, task_id: str) -> dict[str, Any]:
        """What became of a task, if after a 503 of a busy machine."""
        url = f"{self.url}{BASE_PATH}/task-status/{task_id}"
        answer = requests.get(url, timeout=20)
        while answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            all_go_on()
            time.sleep(float(answer.headers["Retry-After"]))
            answer = requests.get(url, timeout=20)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def events(self, task_id: str) -> list[dict[str, Any]]:
        """What happened to a task."""
        url = f"{self.url}{BASE_PATH}/tasks/{task_id}/events"
        return list(requests.get(url, timeout=10).json()["events"])

    def cancel(self, task_id: str) -> requests.Response:
        return requests.delete(f"{self.url}{BASE_PATH}/cancel-task/{task_id}", timeout=20)

    def health(self) -> dict[str, Any]:
        return dict(requests.get(f"{self.url}{BASE_PATH}/health", timeout=20).json())

    def start_process(self, name: str, command: list[str], settings: Mapping[str, str] | None = None) -> Process:
        process = Process(name, command, self.folder, {**self.env, **(settings or {})})
        self.processes.append(process)
        return process

    def _all_there(self, workers: int, beats: int) -> bool:
        try:
            health = self.health()
        except requests.RequestException:
            return False
        return bool(health["workers"] >= workers and (health["beat"] or not beats))


@contextmanager
def public_stack(folder: Path, settings: Mapping[str, str]) -> Iterator[Stack]:
    """A running stack that Twilio's webhooks reach."""
    stack = Stack(folder, settings)
    stack.env["PUBLIC_BASE_URL"] = stack.url
    try:
        yield stack.start()
    finally:
        stack.stop()
