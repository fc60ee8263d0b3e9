"""The running parts of the local stack: each in its own session, their lines in one place."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final


@dataclass(frozen=True)
class Ended:
    """A part is gone."""

    name: str
    code: int


@dataclass(frozen=True)
class Asked:
    """Someone wants the whole stack to stop: Ctrl-C, SIGTERM, a closed terminal."""


@dataclass(frozen=True)
class Ready:
    """The part that was waited for answers."""


#: Reads which parts run; nobody writes any more when this script was killed, and then it ends them.
_GUARD: Final = """
while read -r pid; do pids="$pids $pid"; done
[ "$pids" ] && kill -TERM $pids
for pid in $pids; do
  tries=0
  while kill -0 $pid && [ $tries -lt 15 ]; do sleep 1; tries=$((tries + 1)); done
  kill -KILL -- -$pid
done
"""

Event = Ended | Asked | Ready
Events = queue.SimpleQueue[Event]


class Parts:
    """What a part says is given to `told`, line by line, from a thread of its own."""

    def __init__(
        self, environment: Mapping[str, str], folder: Path, events: Events, told: Callable[[str, str], None]
    ) -> None:
        self.events = events
        self._environment = environment
        self._folder = folder
        self._told = told
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._readers: dict[str, threading.Thread] = {}
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start(self, name: str, command: str, keep_open: tuple[int, ...] = ()) -> None:
        """Starts one part."""
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # The terminal's Ctrl-C reaches only this script.
            pass_fds=keep_open,
        )
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        assert self._guard.stdin is not None  # noqa: S101 - likewise
        self._guard.stdin.write(f"{process.pid}\n".encode())
        self._guard.stdin.flush()
        self._running[name] = process
        reader = self._readers[name] = threading.Thread(target=self._read, args=(name, process.stdout), daemon=True)
        reader.start()
        threading.Thread(target=self._watch, args=(name, process, reader), daemon=True).start()

    def next_event(self, timeout_seconds: float | None) -> Event | None:
        with contextlib.suppress(queue.Empty):
            return self.events.get(timeout=timeout_seconds)
        return None

    def stop(self, names: Iterable[str], patience_seconds: float) -> None:
        """Ask these parts to end; return when they are gone. A second Ctrl-C ends the patience."""
        processes = {n: self._running[n] for n in names if n in self._running}
        for process in processes.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + patience_seconds
        while any(p.poll() is None for p in processes.values()) and time.monotonic() < deadline:
            if isinstance(self.next_event(0.1), Asked):
                break
        for name, process in processes.items():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # Itself, or children it left behind.
            process.wait()
            del self._running[name]
            self._readers.pop(name).join(timeout=1)  # Its last lines.

    def close(self) -> None:
        """When all were stopped."""
        self._guard.kill()
        self._guard.communicate()

    def _watch(self, name: str, process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
        code = process.wait()
        reader.join(timeout=1)  # Its last lines say why.
        self.events.put(Ended(name, code))

    def _read(self, name: str, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self._told(name, line.decode("utf-8", "replace").rstrip("\n"))
