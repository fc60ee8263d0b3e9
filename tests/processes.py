"""The program as it really runs: processes that tests start, pause, kill and end."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests
from redis import Redis
from redis.exceptions import RedisError

from tests import logs
from tests.ports import reserve_port

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
BASE_PATH = "/api/v1/celery/twilio"
ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "auth-token-of-the-tests"
FROM_NUMBER = "+15005550006"
#: How long what must come is waited for. None of the three is a promise: they only end what will never end.
PATIENCE_SECONDS = 90.0
START_SECONDS = 90.0
STOP_SECONDS = 40.0
TAIL_CHARACTERS = 3000
_LISTENING = re.compile(r"listening on (https?://127\.0\.0\.1:(\d+))\n")
_ALSO_LISTENING = re.compile(r"also listening on (\S+), ")


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
        RUNNING.append(self)

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    @property
    def obituary(self) -> str:
        """How it ended, and the end of what it wrote."""
        return f"{self.name} ended with {self._popen.poll()}:\n{self.output[-TAIL_CHARACTERS:]}"

    def wait_for_answer(self, answer: Callable[[], Any]) -> Any:
        """Its first true answer after the start; one that gives none is ended, and what it wrote is shown."""
        try:
            return wait_until(answer, START_SECONDS, f"{self.name} answers")
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"No answer: {self.obituary}") from error

    def signal(self, number: signal.Signals) -> None:
        """Signals the process and its children."""
        if number in {signal.SIGKILL, signal.SIGTERM}:
            self.may_end()
        if self.alive:
            os.killpg(self._popen.pid, number)

    def terminate(self) -> None:
        """Asks it to end, as an operator does."""
        self.may_end()
        if self.alive:
            os.kill(self._popen.pid, signal.SIGTERM)

    def stop(self) -> int:
        """Asks it to end and waits; returns its exit code."""
        self.terminate()
        try:
            return self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end on SIGTERM:\n{self.output[-TAIL_CHARACTERS:]}") from None

    def kill(self) -> None:
        """Ends it and its children at once."""
        self.signal(signal.SIGKILL)
        self._popen.wait(STOP_SECONDS)

    def may_end(self) -> None:
        """Its end is no fault from now on."""
        if self in RUNNING:
            RUNNING.remove(self)


#: Those that nobody has asked to end.
RUNNING: Final[list[Process]] = []


def ended_early() -> list[str]:
    """Of each process that ended though nobody asked it to, its obituary."""
    ended = [process for process in list(RUNNING) if not process.alive]
    return [process.obituary for process in ended if process in RUNNING]  # another thread may have asked


def all_go_on() -> None:
    """Fails if a process ended early."""
    if ended := ended_early():
        raise AssertionError("\n".join(ended))


def wait_until(condition: Callable[[], Any], seconds: float = PATIENCE_SECONDS, what: str = "") -> Any:
    """The condition's first true value; fails when it does not come in time, and at once when a process ends early."""
    began = time.monotonic()
    while not (value := condition()):
        all_go_on()
        if (waited := time.monotonic() - began) > seconds:
            raise AssertionError(f"Not within {seconds} s: {what or condition}")
        # The longer it takes, the less it matters to know at once: looking costs this process and servers time.
        time.sleep(min(max(waited / 20, 0.01), 0.06))
    return value


@dataclass
class RedisServer:
    """A Redis of its own port and folder, append-only."""

    folder: Path
    port: int = field(default_factory=reserve_port)
    process: Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "RedisServer":
        config = self.folder / "redis.conf"  # its own, because Sentinel rewrites it
        if not config.exists():
            shutil.copy(ROOT / "docker" / "redis.conf", config)
        options = ["--port", str(self.port), "--dir", str(self.folder), "--config", str(config)]
        command = [sys.executable, "-m", "docker.local.embedded_redis", *options]
        process = self.process = Process("redis", command, self.folder, {})
        process.wait_for_answer(lambda: self._answers(process.pid))
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.signal(signal.SIGCONT)
            self.process.stop()

    def _answers(self, pid: int) -> bool:
        try:
            with Redis(port=self.port, socket_timeout=1) as client:
                return bool(client.info("server")["process_id"] == pid)
        except RedisError:
            return False


class Simulator:
    """The Twilio simulator as a process, and what it witnessed."""

    def __init__(self, folder: Path, *options: str, ca_file: Path | None = None) -> None:
        self.verify = str(ca_file) if ca_file else True  #: as requests has it
        account = {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN}
        command = [sys.executable, "-m", "simulator", "--port", "0", "--log-format", "json", *options]
        self.process = Process("simulator", command, folder, account)
        told = self.process.wait_for_answer(lambda: _LISTENING.search(self.process.output))
        self.url, self.port = told[1], int(told[2])
        self.away: list[str] = _ALSO_LISTENING.findall(self.process.output)  #: URLs of `--also`, in their order

    def take_precedence(self) -> bool:
        """Runs before all else from now on, so that it notes calls when they arrive; False if that is not allowed."""
        try:
            os.sched_setscheduler(self.process.pid, os.SCHED_RR, os.sched_param(1))
        except PermissionError:
            return False
        return True

    def calls(self) -> list[dict[str, Any]]:
        """Calls that were created, oldest first."""
        answer = requests.get(f"{self.url}/simulator/calls", timeout=10, verify=self.verify).json()
        return sorted(answer["calls"], key=lambda call: call["created_at"])

    def created(self) -> int:
        """How many calls were created."""
        return int(requests.get(f"{self.url}/simulator/summary", timeout=10, verify=self.verify).json()["created"])

    def calls_to(self, *numbers: str) -> list[dict[str, Any]]:
        return [call for call in self.calls() if call["to"] in numbers]

    def requests(self) -> list[dict[str, Any]]:
        """Requests that asked for a call, oldest first, whatever became of them."""
        answer = requests.get(f"{self.url}/simulator/calls", timeout=10, verify=self.verify).json()
        return [request for request in answer["requests"] if request["method"] == "POST"]

    def script(self, number: str, **script: Any) -> None:
        """Says how the number behaves when called."""
        url = f"{self.url}/simulator/numbers/{number}"
        requests.put(url, json=script, timeout=10, verify=self.verify).raise_for_status()

    def fault(self, **fault: Any) -> None:
        """Makes requests fail."""
        requests.post(f"{self.url}/simulator/faults", json=fault, timeout=10, verify=self.verify).raise_for_status()
