"""The service as docs/deploying.md starts it for real, but for Twilio, which is simulated."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.docker.operator import Operator
from tests.docs.pages import PAGES, commands
from tests.processes import wait_until

BUILD, OFFLINE, FOR_REAL, BESIDE = (
    one.text for one in commands() if one.page == "docs/deploying.md" and one.text.startswith("docker ")
)
(UPGRADE,) = (one.text for one in commands() if one.text.startswith("sh docker/upgrade.sh "))
(_SETTINGS,) = re.findall(r"^```ini\n(# \.env\n.*?)^```", PAGES["docs/deploying.md"], re.MULTILINE | re.DOTALL)
KEY: Final = "a-long-random-secret"
_AS_MANY: Final = "--scale worker=8"
#: In the shell, whose word counts before that of .env.
_SIMULATED: Final = {
    "COMPOSE_PROFILES": "offline",
    "TWILIO_API_BASE_URL": "http://simulator:8010",
    "PUBLIC_BASE_URL": "http://web:8001",
}


@contextmanager
def service(folder: Path, workers: int) -> Iterator[Operator]:
    """Started by the command of the page, but with so many workers; until all is healthy."""
    assert _AS_MANY in FOR_REAL
    with Operator(folder, _SIMULATED) as operator:
        (operator.tree / ".env").write_text(_SETTINGS)
        operator.run(FOR_REAL.replace(_AS_MANY, f"--scale worker={workers}"))
        await_parts(operator, workers)
        yield operator


def await_parts(operator: Operator, workers: int) -> None:
    """Until so many workers take messages, and no more, and all else is there."""
    wait_until(
        lambda: (operator.health().get("workers"), operator.health().get("status")) == (workers, "healthy"),
        what=f"{workers} workers take messages, and all is healthy",
    )


def beside(operator: Operator, command: str) -> str:
    """What a command of `worker.admin` prints, given as the page says."""
    assert BESIDE.endswith(" queue")
    return operator.run(f"{BESIDE.removesuffix('queue')}{command}")


def pids(operator: Operator) -> dict[str, set[int]]:
    """Service -> processes of its containers that run."""
    found: dict[str, set[int]] = {}
    for container in operator.shelf.all():
        if container.runs:
            found.setdefault(container.service.name, set()).add(container.pid)
    return found
