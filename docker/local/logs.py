"""What the parts say, in a file for each that begins anew when it is large."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

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
            self._files[part] = RotatingFileHandler(
                self.file(part), maxBytes=LARGE_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
            )
        self._files[part].handle(logging.makeLogRecord({"msg": line}))

    def close(self) -> None:
        """When no part says anything any more."""
        for file in self._files.values():
            file.close()

    def last_lines(self, part: str, count: int = 5) -> list[str]:
        """The end of what the part said."""
        if not self.file(part).exists():
            return []
        return self.file(part).read_text("utf-8", "replace").splitlines()[-count:]
