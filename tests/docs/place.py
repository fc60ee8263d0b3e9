"""Where the commands of the pages are run as they stand, but for addresses and ids."""

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.processes import BIN, ROOT

COMMAND_SECONDS: Final = 90.0
#: How long what a page shows may take to come about: a call ends.
SHOWN_SECONDS: Final = 90.0
#: Of the scheduled call in the examples; it must lie ahead.
_DATE: Final = "2027-01-15"


@dataclass
class Place:
    """A running stack, and the folder from which it is spoken to."""

    folder: Path
    url: str  #: of the web tier
    simulator_url: str
    redis_url: str
    settings: Mapping[str, str]
    task_id: str  #: of the task that was asked for last

    def environment(self, **more: str) -> dict[str, str]:
        """That of a shell in which the virtual environment is active."""
        paths = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        return {**os.environ, **paths, **self.settings, **more}

    def adapted(self, command: str) -> str:
        """The command with this place's addresses, and today's ids and dates."""
        replaced = {
            "http://127.0.0.1:8001": self.url,
            "http://127.0.0.1:8010": self.simulator_url,
            "--port 8010": "--port 0",
            "TASK_ID": self.task_id,
            _DATE: (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
            "redis-cli ": f"redis-cli -u {self.redis_url} ",
            # Without a look at whether all is installed: it is, and anew is for whoever runs make himself.
            "make ": f"make --directory {ROOT} --old-file .venv/running --old-file .venv/developing ",
        }
        for old, new in replaced.items():
            command = command.replace(old, new)
        return command

    def run(self, command: str) -> str:
        """What the command prints; fails unless it ends well. redis-cli always does, so its word counts too."""
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.adapted(command)],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
        assert not ended.stdout.startswith("ERR "), f"{command}\n{ended.stdout}"
        return ended.stdout

    def ask(self, command: str, shown: Any) -> Any:
        """The JSON that the command prints, repeated until it is what the page shows, if the page shows any."""
        deadline = time.monotonic() + SHOWN_SECONDS
        while True:
            printed = json.loads(self.run(command))
            if shown is None or fits(shown, printed) or time.monotonic() > deadline:
                self.task_id = printed.get("task_id", self.task_id)
                return printed
            time.sleep(0.5)


def fits(shown: Any, printed: Any) -> bool:
    """Whether JSON is what a page shows; in its texts `…` is anything and a digit any digit, so times may differ."""
    if isinstance(shown, dict):
        return (
            isinstance(printed, dict)
            and shown.keys() == printed.keys()
            and all(fits(value, printed[name]) for name, value in shown.items())
        )
    if isinstance(shown, str):
        pattern = re.sub(r"\d", r"\\d", re.escape(shown)).replace("…", ".+")
        return isinstance(printed, str) and re.fullmatch(pattern, printed) is not None
    if isinstance(shown, list):
        return isinstance(printed, list) and len(shown) == len(printed) and all(map(fits, shown, printed))
    return bool(shown == printed)
