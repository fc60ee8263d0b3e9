"""Hosts whose clocks are off: what is due goes all the same, for no message ends by a host's clock."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from schemas.messages import QUEUE
from tests.mistakes.repertoire import CLOCK
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, BIN, ROOT, Process, RedisServer, Simulator, wait_until
from tests.scripts.conftest import Store

CELERY = [str(BIN / "celery"), "-A", "worker"]
PARTS = {
    "worker": [*CELERY, "worker", "--queues", QUEUE, "--pool", "threads", "--concurrency", "2"],
    "beat": [*CELERY, "beat"],
}
HOUR = 3600


@pytest.fixture
def running() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _start(
    running: ExitStack, part: str, ahead_seconds: int, folder: Path, redis_server: RedisServer, api_base_url: str
) -> Process:
    variables = {
        "CELERY_BROKER_URL": redis_server.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_BASE_URL": api_base_url,
        "PYTHONPATH": f"{CLOCK}:{ROOT}",
        "CLOCK_AHEAD_SECONDS": str(ahead_seconds),
    }
    process = Process(part, PARTS[part], folder, variables)
    running.callback(process.stop)
    return process


@pytest.mark.parametrize(
    ("worker_ahead", "beat_ahead", "number"),
    [(HOUR, 0, "+12025556001"), (0, -HOUR, "+12025556002")],
    ids=["a worker ahead", "a beat behind"],
)
def test_a_call_goes_though_the_clock_of_a_host_is_off(
    running: ExitStack,
    store: Store,
    tmp_path: Path,
    redis_server: RedisServer,
    simulator: Simulator,
    worker_ahead: int,
    beat_ahead: int,
    number: str,
) -> None:
    _start(running, "worker", worker_ahead, tmp_path, redis_server, simulator.url)
    _start(running, "beat", beat_ahead, tmp_path, redis_server, simulator.url)
    store.call(number)

    wait_until(lambda: simulator.calls_to(number), what="the call is placed")
