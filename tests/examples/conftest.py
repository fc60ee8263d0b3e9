"""What the examples speak to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import QUICK
from tests.ports import reserve_port
from tests.processes import AUTH_TOKEN, ROOT, START_SECONDS, Process, wait_until
from tests.stack import Stack, public_stack

EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One that Twilio's webhooks reach."""
    with public_stack(tmp_path_factory.mktemp("stack"), QUICK) as running:
        yield running


@pytest.fixture
def receiver(request: pytest.FixtureRequest, tmp_path: Path, stack: Stack) -> Iterator[tuple[str, Process]]:
    """The receiver that the parameter names, and the URL that a client gives for it."""
    port = reserve_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, str(EXAMPLES / request.param), "--public-url", url, "--port", str(port)]
    command += ["--url", stack.url] if request.param == "clinic_receiver.py" else []
    process = Process("receiver", command, tmp_path, {"TWILIO_AUTH_TOKEN": AUTH_TOKEN})
    wait_until(lambda: str(port) in process.output, START_SECONDS, "the receiver listens")
    yield f"{url}/events", process
    assert process.stop() == 0
