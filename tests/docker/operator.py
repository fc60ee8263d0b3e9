"""Who runs the service in containers: a folder with the project in it, `docker` and `kubectl` first on the PATH."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import pytest
import requests

from tests import logs
from tests.docker.engine.shelf import Shelf
from tests.ports import reserve_port
from tests.processes import BASE_PATH, ROOT, Process, wait_until

_COMMAND_SECONDS: Final = 240
_PARTS: Final = ("app", "worker", "schemas", "runtime", "simulator", "docker")
#: The token of docker/offline.env, which is no secret.
_OPEN: Final = "simulator"
_FILES: Final = ("requirements.lock", "setup.cfg", "pyproject.toml")
_PROGRAM: Final = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m %s "$@"\n'
_PROGRAMS: Final = {"docker": "tests.docker.engine", "kubectl": "tests.docker.engine.kubectl"}


class Operator:
    """What is started ends with the block; nothing that was asked of `docker` may have been refused."""

    def __init__(self, folder: Path, shell: Mapping[str, str]) -> None:
        if sys.platform != "linux":
            pytest.skip("elsewhere only one address of 127.0.0.0/8 is there, unless one adds them")
        self.tree = folder / "project"
        self._state = folder / "engine"
        network = f"127.{secrets.randbelow(250) + 2}.{secrets.randbelow(256)}"
        self.shelf = Shelf(self._state, network)
        (self._state / "images").mkdir()
        (self._state / "bin").mkdir()
        for name, module in _PROGRAMS.items():
            program = self._state / "bin" / name
            program.write_text(_PROGRAM % module)
            program.chmod(0o700)
        self.tree.mkdir()
        for part in _PARTS:
            shutil.copytree(ROOT / part, self.tree / part)
        for file in _FILES:
            shutil.copy2(ROOT / file, self.tree / file)
        self.web_port = reserve_port()
        self.flower_port = reserve_port()
        self.simulator_port = reserve_port()
        self.shell = {
            "PATH": f"{self._state / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "ENGINE_STATE": str(self._state),
            "ENGINE_NETWORK": network,
            "WEB_PORT": str(self.web_port),
            "FLOWER_PORT": str(self.flower_port),
            "SIMULATOR_PORT": str(self.simulator_port),
            **shell,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}"

    def run(self, command: str) -> str:
        """What a command of a page prints; it must end well."""
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.tree,
            env={**os.environ, **self.shell},
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
        assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def starts(self, command: str) -> Process:
        """What goes on until it is interrupted."""
        words = ["env", "-C", str(self.tree), "bash", "-c", f"exec {command}"]
        return Process("docker", words, self.tree.parent, self.shell)

    def health(self) -> dict[str, Any]:
        """Nothing while nobody answers."""
        try:
            return dict(requests.get(f"{self.url}{BASE_PATH}/health", timeout=10).json())
        except requests.RequestException:
            return {}

    def accepted(self, number: str, key: str = "", **options: int) -> str:
        """The id of a call that is accepted; it will be short."""
        logs.RUN.sent({"to_number": number})
        script, short = f"{self.simulator_url}/simulator/numbers/{number}", {"ring_seconds": 0.1, "talk_seconds": 0.1}
        requests.put(script, json=short, timeout=20).raise_for_status()
        url: str = f"{self.url}{BASE_PATH}/queue-single-call"
        body: dict[str, Any] = {"to_number": number, **options}
        answer = requests.post(url, json=body, headers=_headers(key), timeout=20)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])

    def await_end(self, task_id: str, number: str, key: str = "") -> None:
        """Until the call has ended, which was placed once."""
        url = f"{self.url}{BASE_PATH}/task-status/{task_id}"

        def outcome() -> Any:
            told = requests.get(url, headers=_headers(key), timeout=20).json()
            return (told["result"] or {}).get("call_status")

        wait_until(lambda: outcome() == "completed", what="the call's end")
        assert self.calls_to(number) == 1

    def calls_to(self, number: str) -> int:
        """How many calls Twilio got to it."""
        calls = requests.get(f"{self.simulator_url}/simulator/calls", timeout=10).json()["calls"]
        return sum(call["to"] == number for call in calls)

    @property
    def refused(self) -> str:
        noted = self._state / "refused"
        return noted.read_text() if noted.exists() else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        there = self.shelf.all()
        self.shelf.end(there)
        told = (pair for one in there for pair in one.service.environment.items())
        environment = {name: value for name, value in told if value != _OPEN}
        for container in there:
            self.shelf.remove(container)
        for log in self._state.joinpath("logs").iterdir():
            logs.RUN.opened(log, environment)
        assert not self.refused, self.refused


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}
