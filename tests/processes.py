"""The program as it really runs: processes that tests start, pause, kill and end."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from redis import Redis
from redis.exceptions import RedisError

from tests import logs

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
BASE_PATH = "/api/v1/celery/twilio"
ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "auth-token-of-the-tests"
FROM_NUMBER = "+15005550006"
START_SECONDS = 30.0
STOP_SECONDS = 20.0


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_until(condition: Callable[[], Any], seconds: float = 15.0, what: str = "") -> Any:
    """The condition's first true value; fails when it does not come in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"Not within {seconds} s: {what or condition}")


class Process:
    """One process of the program, with its output in a file."""

    def __init__(self, name: str, command: list[str], log_folder: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.log = log_folder / f"{name}-{time.monotonic_ns()}.log"
        logs.RUN.opened(self.log, env)
        with self.log.open("wb") as log:
            self._popen = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def signal(self, number: signal.Signals) -> None:
        """Signals the process and its children."""
        if self.alive:
            os.killpg(self._popen.pid, number)

    def terminate(self) -> None:
        """Asks it to end, as an operator does."""
        if self.alive:
            os.kill(self._popen.pid, signal.SIGTERM)

    def stop(self) -> int:
        """Asks it to end and waits; returns its exit code."""
        self.terminate()
        try:
            return self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end on SIGTERM:\n{self.output[-3000:]}") from None

    def kill(self) -> None:
        """Ends it and its children at once."""
        self.signal(signal.SIGKILL)
        self._popen.wait(STOP_SECONDS)


@dataclass
class RedisServer:
    """A Redis of its own port and folder, append-only."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "RedisServer":
        script = str(ROOT / "docker" / "embedded_redis.py")
        config = self.folder / "redis.conf"  # its own, because Sentinel rewrites it
        if not config.exists():
            shutil.copy(ROOT / "docker" / "redis.conf", config)
        command = [sys.executable, script, "--port", str(self.port), "--dir", str(self.folder), "--config", str(config)]
        self.process = Process("redis", command, self.folder, {})
        wait_until(self._answers, START_SECONDS, "Redis answers")
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.signal(signal.SIGCONT)
            self.process.stop()

    def _answers(self) -> bool:
        try:
            with Redis(port=self.port, socket_timeout=1) as client:
                return bool(client.ping())
        except RedisError:
            return False


class Simulator:
    """The Twilio simulator as a process, and what it witnessed."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        account = {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN}
        command = [sys.executable, "-m", "simulator", "--port", str(self.port), "--log-format", "json", *options]
        self.process = Process("simulator", command, folder, account)
        wait_until(lambda: "listening on" in self.process.output, START_SECONDS, "the simulator listens")

    def calls(self) -> list[dict[str, Any]]:
        """Calls that were created, oldest first."""
        answer = requests.get(f"{self.url}/simulator/calls", timeout=10).json()
        return sorted(answer["calls"], key=lambda call: call["created_at"])

    def created(self) -> int:
        """How many calls were created."""
        return int(requests.get(f"{self.url}/simulator/summary", timeout=10).json()["created"])

    def calls_to(self, *numbers: str) -> list[dict[str, Any]]:
        return [call for call in self.calls() if call["to"] in numbers]

    def requests(self) -> list[dict[str, Any]]:
        """Requests that asked for a call, oldest first, whatever became of them."""
        answer = requests.get(f"{self.url}/simulator/calls", timeout=10).json()
        return [request for request in answer["requests"] if request["method"] == "POST"]

    def script(self, number: str, **script: Any) -> None:
        """Says how the number behaves when called."""
        requests.put(f"{self.url}/simulator/numbers/{number}", json=script, timeout=10).raise_for_status()

    def fault(self, **fault: Any) -> None:
        """Makes requests fail."""
        requests.post(f"{self.url}/simulator/faults", json=fault, timeout=10).raise_for_status()
