"""The running parts of the local stack: each in its own session, their lines in one terminal.

honcho's own Manager is not used for this: a Ctrl-C while it is still starting leaves its processes
behind, and it stops everything at the same moment. Its Procfile reader and its printer are.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from honcho.colour import get_colours
from honcho.printer import Message, Printer


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
    """The web tier answers."""


Event = Ended | Asked | Ready


class Parts:
    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._environment = environment
        self._folder = folder
        self._printer = Printer(sys.stdout, width=len("simulator"))
        self._colours = get_colours()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._readers: dict[str, threading.Thread] = {}

    def start(self, name: str, command: str, log: Path | None = None, keep_open: tuple[int, ...] = ()) -> None:
        """Start one part. Its lines go to the terminal, or into `log`."""
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(log.open("wb")) if log else subprocess.PIPE
            process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # The terminal's Ctrl-C reaches only this script.
                pass_fds=keep_open,
            )
        self._running[name] = process
        if process.stdout:
            arguments = (name, process.stdout, next(self._colours))
            reader = threading.Thread(target=self._show, args=arguments, daemon=True)
            reader.start()
            self._readers[name] = reader
        threading.Thread(target=self._watch, args=(name, process), daemon=True).start()

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
            if name in self._readers:
                self._readers.pop(name).join(timeout=1)  # Its last lines.

    def _watch(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self.events.put(Ended(name, process.wait()))

    def _show(self, name: str, lines: IO[bytes], colour: str) -> None:
        for line in lines:
            try:
                self._printer.write(Message("line", line, datetime.now(), name, colour))
            except OSError:  # The terminal is gone. Read on, so that the part can end in peace.
                self.events.put(Asked())
