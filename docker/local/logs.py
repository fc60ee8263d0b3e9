"""What the parts say, in a file for each that begins anew when it is large."""

import logging
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from docker.local.terminal import say

LARGE_BYTES = 10_000_000
KEPT_FILES = 3


class Logs:
    """Lines of a part -> `<folder>/<part>.log`, and before that `.log.1`, …"""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._files: dict[str, RotatingFileHandler] = {}

    def file(self, part: str) -> Path:
        return self._folder / f"{part}.log"

    def write(self, part: str, line: str) -> None:
        if part not in self._files:
            self._files[part] = _File(
                self.file(part), maxBytes=LARGE_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True
            )
        self._files[part].handle(logging.makeLogRecord({"msg": line}))

    def close(self) -> None:
        """When no part says anything any more."""
        for file in self._files.values():
            with suppress(OSError):  # of a full disk it was told
                file.close()

    def last_lines(self, part: str, count: int = 5) -> list[str]:
        """The end of what the part said."""
        if not self.file(part).exists():
            return []
        return self.file(part).read_text("utf-8", "replace").splitlines()[-count:]


class _File(RotatingFileHandler):
    """One that cannot be written, on a full disk for one, says so once: a part whose lines nobody takes would stand."""

    _said = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        if not self._said:
            self._said = True
            say(f"{self.baseFilename} cannot be written: {sys.exc_info()[1]}")
