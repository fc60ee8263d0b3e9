"""What a person sees of what the parts log: warnings and errors, and what becomes of calls."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

_SHOWN_LEVELS: Final = {"warning", "error", "critical"}
#: Fields of a line that say where and when it was written, and tracebacks, which the log has.
_UNSHOWN: Final = {"event", "level", "logger", "timestamp", "request_id", "exception"}


class Terminal:
    """Prints lines with the local time; `gone` is told when nobody reads them any more."""

    def __init__(self, gone: Callable[[], None]) -> None:
        self._gone = gone

    def warn(self, part: str, entry: Mapping[str, Any]) -> None:
        """Prints what a part logged, if it is a warning or worse."""
        if entry.get("level") in _SHOWN_LEVELS:
            fields = "".join(f" {name}={value}" for name, value in entry.items() if name not in _UNSHOWN)
            self.tell(f"{part}: {entry.get('event')}{fields}")

    def tell(self, sentence: str) -> None:
        """Prints a line; nothing in it can speak to the terminal."""
        shown = "".join(char if char.isprintable() else " " for char in sentence)
        try:
            print(f"{datetime.now():%H:%M:%S} {shown}", flush=True)
        except OSError:
            self._gone()


def say(text: str) -> None:
    """Prints what is not about one moment; the terminal may be gone."""
    with suppress(OSError):
        print(text, flush=True)


def entry_of(line: str) -> dict[str, Any]:
    """The fields of a line of a log; none of what is no such line."""
    with suppress(ValueError):
        entry = json.loads(line)
        if isinstance(entry, dict):
            return entry
    return {}
