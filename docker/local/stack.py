"""The local stack: what is started after what, and when it is ready."""

import contextlib
import http.client
import re
import shlex
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docker.local.banner import API, banner
from docker.local.data import Data
from docker.local.environment import StartError, fault_of_port, reachable
from docker.local.logs import Logs
from docker.local.parts import Asked, Ended, Parts, Ready
from docker.local.terminal import entry_of, say

PROCFILE = Path(__file__).with_name("Procfile")
START_SECONDS = 30.0
# Every part ends within ten.
STOP_SECONDS = 15.0
_PART = re.compile(r"^(\w+): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Stack:
    """The local stack before it runs."""

    env: dict[str, str]  #: of every part
    data: Data
    logs: Logs
    simulated: bool
    embedded: bool  #: it has a Redis of its own
    lock: int  #: of the data

    def check_ports(self) -> None:
        """Raises StartError, which names all that it needs and cannot have."""
        needed = {"APP_PORT": self.env["APP_HOST"]}
        needed |= {"SIMULATOR_PORT": "127.0.0.1"} if self.simulated else {}
        needed |= {"REDIS_PORT": "127.0.0.1"} if self.embedded else {}
        faults = [fault for name, host in needed.items() if (fault := fault_of_port(host, name, self.env[name]))]
        if faults:
            raise StartError("\n".join(faults))

    def run(self, parts: Parts) -> None:
        """Start everything, and return when someone asks to stop."""
        say("starting (a few seconds)")
        if not self.embedded:
            say("CELERY_BROKER_URL is set: using that Redis, starting none")
        elif not self._start_redis(parts):
            return
        for name, command in _PART.findall(PROCFILE.read_text()):
            if name != "simulator":
                parts.start(name, command)
            elif self.simulated:
                parts.start(name, f"{command} --data {shlex.quote(str(self.data.simulator))}")
        host, port = reachable(self.env["APP_HOST"]), int(self.env["APP_PORT"])
        if not self._wait_for(lambda: _answers_http(host, port), parts, "web"):
            return
        if not self._wait_for(lambda: _can_dial(host, port), parts, "worker", needed=False):
            return
        say(banner(self.env, self.data, self.simulated, self.embedded))
        self._stand_by(parts)

    def _stand_by(self, parts: Parts) -> None:
        """Until someone wants to stop; a worker that was late may be ready meanwhile."""
        while not isinstance(event := parts.next_event(None), Asked):
            match event:
                case Ended(name, code):
                    raise self._end(name, f"{name} ended by itself with exit code {code}, so the rest was stopped")
                case Ready():
                    say("the worker answers now: calls go")

    def _start_redis(self, parts: Parts) -> bool:
        """False if someone wants to stop before it answers."""
        port, password = int(self.env["REDIS_PORT"]), self.data.password()
        words = ["--port", str(port), "--dir", str(self.data.redis), "--password-file", str(self.data.password_file)]
        command = [sys.executable, "-m", "docker.local.embedded_redis", *words]
        parts.start("redis", shlex.join(command), keep_open=(self.lock,))
        return self._wait_for(lambda: _answers_ping(port, password), parts, "redis")

    def _wait_for(self, answers: Callable[[], bool], parts: Parts, name: str, *, needed: bool = True) -> bool:
        """Wait until a part answers; one that is not needed, not for ever. False if someone wants to stop before."""

        def poll() -> None:
            while not answers():
                time.sleep(0.1)
            parts.events.put(Ready())

        threading.Thread(target=poll, daemon=True).start()
        deadline = time.monotonic() + START_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            match parts.next_event(left):
                case Ready():
                    return True
                case Asked():
                    return False
                case Ended(ended, code):
                    raise self._end(ended, f"{ended} ended with exit code {code} while starting")
        reason = f"{name} did not answer within {START_SECONDS:.0f} seconds"
        if needed:
            raise self._end(name, reason)
        say(f"{reason}: calls wait until it does; see {self.logs.file(name)}")
        return True

    def _end(self, part: str, reason: str) -> StartError:
        """With what the part said last."""
        return StartError("\n".join([f"{reason}; the end of {self.logs.file(part)}:", *self.logs.last_lines(part)]))


def stop(parts: Parts) -> None:
    """Ends everything: first those that still need the others."""
    for names in (["web", "worker", "beat"], ["simulator"], ["redis"]):
        parts.stop(names, STOP_SECONDS)
    parts.close()


def _answers_ping(port: int, password: str) -> bool:
    """Whether it is ours, which knows the password, and has read its data."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as link:
        link.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        answers = b""
        while answers.count(b"\n") < len(("AUTH", "PING")) and (more := link.recv(256)):
            answers += more
        return answers == b"+OK\r\n+PONG\r\n"
    return False


def _answers_http(host: str, port: int) -> bool:
    return _got(host, port, "/livez") is not None


def _can_dial(host: str, port: int) -> bool:
    """Whether a worker takes calls, and a beat ticks: so the first call of all rings at once."""
    health = entry_of(_got(host, port, f"{API}/health") or "")
    return bool(health.get("workers") and health.get("beat"))


def _got(host: str, port: int, path: str) -> str | None:
    """What is there; None while nobody answers."""
    link = http.client.HTTPConnection(host, port, timeout=1)
    try:
        link.request("GET", path)
        answer = link.getresponse()
        return answer.read().decode() if answer.status < http.HTTPStatus.INTERNAL_SERVER_ERROR else None
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        link.close()
