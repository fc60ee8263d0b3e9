"""The local stack as a person starts it, in a copy of the project, so that its data are apart."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.ports import reserve_port
from tests.processes import BASE_PATH, ROOT, START_SECONDS, STOP_SECONDS, wait_until

PORTS = ("APP_PORT", "SIMULATOR_PORT", "REDIS_PORT")
READY = "Place a call"


@dataclass
class Tree:
    """A copy of the project with ports of its own."""

    folder: Path
    ports: Mapping[str, str]

    @classmethod
    def made(cls, folder: Path) -> "Tree":
        unneeded = shutil.ignore_patterns(".*", "tests", "build")
        shutil.copytree(ROOT, folder, ignore=unneeded)
        return cls(folder, {name: str(reserve_port()) for name in PORTS})

    def changed(self, file: str, pattern: str, by: str) -> None:
        """Writes a file of this copy otherwise."""
        text, count = re.subn(pattern, by, (self.folder / file).read_text("utf-8"))
        assert count == 1, file
        (self.folder / file).write_text(text, "utf-8")

    @property
    def data(self) -> Path:
        return self.folder / ".data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['APP_PORT']}"

    def processes(self) -> Iterator[Path]:
        """Those that run of this copy."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # ended meanwhile
                if Path(os.readlink(process / "cwd")) in {self.folder, self.data / "simulated/redis"}:
                    yield process

    def environment(self, **settings: str) -> dict[str, str]:
        return {**os.environ, **self.ports, "PYTHONPATH": str(self.folder), "PYTHONUNBUFFERED": "1", **settings}

    def ask(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Runs `python -m …` to its end, in the environment of a shell that knows nothing of the stack."""
        environment = {k: v for k, v in self.environment(**settings).items() if k not in PORTS}
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    @contextmanager
    def running(self, **settings: str) -> "Iterator[Run]":
        """The stack, ready; ended as by Ctrl-C."""
        run = self.started(**settings)
        try:
            wait_until(lambda: READY in run.output or run.code is not None, START_SECONDS, "the stack is ready")
            assert run.code is None, run.output
            yield run
        finally:
            run.stop()

    def started(self, **settings: str) -> "Run":
        """The stack, perhaps not yet ready."""
        terminal = self.folder / "terminal.txt"
        with terminal.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "docker.local"],
                cwd=self.folder,
                env=self.environment(**settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Run(process, terminal)


@dataclass
class Run:
    process: "subprocess.Popen[bytes]"
    terminal: Path

    @property
    def output(self) -> str:
        return self.terminal.read_text("utf-8")

    @property
    def code(self) -> int | None:
        return self.process.poll()

    def stop(self) -> int:
        """As Ctrl-C does; returns the exit code."""
        if self.code is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)


def queue(tree: Tree, number: str = "+12025550100", delay_seconds: int = 3600) -> str:
    body: dict[str, Any] = {"to_number": number, "delay_seconds": delay_seconds}
    answer = requests.post(f"{tree.url}{BASE_PATH}/queue-single-call", json=body, timeout=10)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["task_id"])
