"""A container: a process of this machine, which outlives the command that started it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from tests.docker.engine import port
from tests.docker.engine.image import Image
from tests.docker.engine.project import Service
from tests.docker.engine.refusal import Refusal
from tests.docker.engine.translation import Translation
from tests.processes import START_SECONDS, STOP_SECONDS

_LOOK_SECONDS: Final = 0.02
_SHELL: Final = ("sh", "-c")


@dataclass(frozen=True)
class Container:
    """One of a service, or one for a single command."""

    folder: Path
    service: Service  #: its volumes are folders and files of this machine
    image: Image
    address: str
    hosts: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> "Container":
        told = json.loads((folder / "made.json").read_text())
        return cls(folder, Service(**told["service"]), Image(**told["image"]), told["address"], told["hosts"])

    def make(self) -> "Container":
        self.folder.mkdir(parents=True)
        (self.folder / "tmp").mkdir()
        told = {name: value for name, value in asdict(self).items() if name != "folder"}
        (self.folder / "made.json").write_text(json.dumps(told))
        return self

    def as_before(self, service: Service, image: Image) -> bool:
        """Whether it was made of the same."""
        return json.dumps([asdict(self.service), self.image.id]) == json.dumps([asdict(service), image.id])

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def pid(self) -> int:
        return self._pids()[0]

    @property
    def runs(self) -> bool:
        return bool(self._pids()) and _lives(self.pid)

    def start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            process = self._process(self._words(), log)
            forwards = [
                subprocess.Popen(
                    [sys.executable, "-S", port.__file__, address, str(out), self.address, str(within)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
                for address, out, within in self.service.ports
            ]
        (self.folder / "pids").write_text(" ".join(str(one.pid) for one in (process, *forwards)))
        return process

    def run(self, words: Sequence[str] = ()) -> int:
        """Runs a command in it, or its own, to its end."""
        code = self._process([self._translation().out(word) for word in words] or self._words()).wait()
        for source, path, read_only in self.service.volumes:
            if not read_only and Path(source).is_dir():
                self._translation().keep(Path(self._places()[path]))
        return code

    def await_health(self) -> None:
        """Raises Refusal if it does not come; what has no check is well as long as it runs."""
        kind, *words = self.service.check or self.image.check or ("NONE",)
        words = [*_SHELL, *words] if kind == "CMD-SHELL" else words
        until = time.monotonic() + START_SECONDS
        while words and self._look(words) != 0:
            if not self.runs or time.monotonic() > until:
                raise Refusal(f"container {self.folder.name} is unhealthy:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.2)

    def ask_to_end(self) -> None:
        for pid in self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def end(self) -> None:
        """To be asked first."""
        until = time.monotonic() + max(self.service.grace_seconds, STOP_SECONDS)  # a machine may be busy
        for pid in self._pids():
            while _lives(pid):
                if time.monotonic() > until:
                    os.killpg(pid, signal.SIGKILL)
                    raise Refusal(f"container {self.folder.name} had to be killed:\n{self.log.read_text()[-3000:]}")
                time.sleep(_LOOK_SECONDS)
        (self.folder / "pids").unlink(missing_ok=True)

    def remove(self, to: Path) -> None:
        """What it wrote stays, for those who look for secrets in it."""
        if self.log.exists():
            self.log.rename(to / f"{self.folder.name}-{time.monotonic_ns()}.log")
        shutil.rmtree(self.folder)

    def with_volumes(self, volumes: Sequence[tuple[str, str, bool]]) -> "Container":
        return replace(self, service=replace(self.service, volumes=volumes))

    def _words(self) -> list[str]:
        whole = [*self.image.entrypoint, *(self.service.command or self.image.command)]
        return [self._translation().out(word) for word in whole]

    def _look(self, words: Sequence[str]) -> int:
        with self.log.open("ab") as log:
            return self._process([self._translation().out(word) for word in words], log).wait()

    def _process(self, words: Sequence[str], log: BinaryIO | None = None) -> "subprocess.Popen[bytes]":
        """Without a log it speaks to whoever runs this."""
        translation = self._translation()
        for source, path, read_only in self.service.volumes:
            if read_only:
                translation.show(Path(source), Path(self._places()[path]))
        env = {**self.image.env, **self.service.environment}
        return subprocess.Popen(
            words,
            cwd=Path(self.image.root) / "srv",
            env={name: translation.out(value) for name, value in env.items()} | {"OWN_ADDRESS": self.address},
            stdin=subprocess.DEVNULL if log else None,
            stdout=log,
            stderr=log,
            start_new_session=log is not None,
        )

    def _places(self) -> dict[str, str]:
        """Its paths -> where they are: what it can only read is shown to it in its own words."""
        shown = self.folder / "shown"
        places = {path: str(shown / path.lstrip("/")) if ro else source for source, path, ro in self.service.volumes}
        return {**places, "/tmp": str(self.folder / "tmp")}  # noqa: S108 - the container's

    def _translation(self) -> Translation:
        return Translation(self._places(), self.address, self.hosts)

    def _pids(self) -> list[int]:
        file = self.folder / "pids"
        return [int(pid) for pid in file.read_text().split()] if file.exists() else []


def _lives(pid: int) -> bool:
    """Not if it has ended and only nobody has asked how."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
