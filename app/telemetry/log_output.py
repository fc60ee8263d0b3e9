"""Where log lines go: to stdout, with one write for all that one turn of the event loop makes."""

import asyncio
import atexit
import os
import sys
import threading


class LogOutput:
    """
    Keeps lines until the event loop's next turn; outside of an event loop each is written at once.

    A process that is killed loses the lines of its last turn.
    """

    def __init__(self) -> None:
        self._file_number = sys.stdout.fileno()
        self._lock = threading.Lock()
        self._lines: list[str] = []
        self._flush_is_due = False
        atexit.register(self._flush)

    def line(self, line: str) -> None:
        """Takes a line without its end, from any thread."""
        with self._lock:
            self._lines.append(line)
            if self._flush_is_due:
                return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._flush()
        else:
            self._flush_is_due = True
            loop.call_soon(self._flush)

    def _flush(self) -> None:
        with self._lock:
            lines, self._lines, self._flush_is_due = self._lines, [], False
            unwritten = "\n".join([*lines, ""]).encode("utf-8", "backslashreplace")
            try:
                while unwritten:
                    unwritten = unwritten[os.write(self._file_number, unwritten) :]
            except OSError:  # whoever read the log has gone, and there is nobody else to tell
                return
