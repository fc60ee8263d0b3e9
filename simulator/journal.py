"""What a person sees in the console: one line an event."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections import deque
from datetime import UTC, datetime

KEPT_LINES = 20_000
_NUMBER = re.compile(r"\+[0-9]{6,15}")
#: Events whose note is in words of the request: what was heard, and the call's reason.
_IN_WORDS = ("heard", "ringing")


def printable(text: str) -> str:
    """The text on one line, with nothing a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " for char in text)


def masked(text: str) -> str:
    """The text with phone numbers cut down to their beginning and end."""
    return _NUMBER.sub(lambda found: f"{found[0][:5]}…{found[0][-2:]}", text)


class Journal:
    """
    Writes from a thread of its own, so that a reader who stopped reading stops no call.

    The console is for the person who tries the service out, and shows all; JSON is for files that are kept, and
    tells neither numbers nor what was said.
    """

    def __init__(self, log_format: str, file_descriptor: int | None) -> None:
        self._json = log_format == "json"
        self._file_descriptor = file_descriptor
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._news = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._write_lines, name="journal", daemon=True)

    def open(self) -> None:
        """Begin to write, what was noted already too."""
        if self._file_descriptor is not None:
            self._thread.start()

    def write(self, event: str, to: str, from_: str, sid: str = "", note: str = "") -> None:
        """Note one event; `note` is what was heard, or what went wrong."""
        if self._file_descriptor is None:
            return
        now = time.time()
        if self._json:
            at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
            told = f"{len(note)} characters" if note and event in _IN_WORDS else masked(note)
            entry = {"time": at, "event": event, "to": masked(to), "from": masked(from_), "sid": sid, "note": told}
            line = json.dumps(entry)
        else:
            at = datetime.fromtimestamp(now).strftime("%H:%M:%S.%f")[:-3]
            line = printable(f"{at}  {to:<16} from {from_:<16} {event:<12} {sid[-6:]:<6}  {note}")
        self._lines.append(line.rstrip() + "\n")
        self._news.set()

    def close(self) -> None:
        """Write what is left, but wait for no reader longer than 0.3 s."""
        self._closing = True
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(timeout=0.3)

    def _write_lines(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            while self._lines:
                batch = "".join(self._lines.popleft() for _ in range(min(100, len(self._lines))))
                if not self._put(batch.encode("utf-8", "replace")):
                    return
            if self._closing:
                return
            time.sleep(0.02)

    def _put(self, data: bytes) -> bool:
        if self._file_descriptor is None:
            return False
        try:
            while data:
                data = data[os.write(self._file_descriptor, data) :]
        except OSError:
            return False
        return True
