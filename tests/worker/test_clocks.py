"""Hosts whose clocks are off: each tells by how much, and what is due goes all the same."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from runtime.scripts import ScriptRunner
from schemas.messages import QUEUE
from schemas.operation.part import Part
from schemas.scripts.gauges import health
from tests.mistakes.repertoire import CLOCK
from tests.ports import reserve_port
from tests.processes import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    BASE_PATH,
    BIN,
    FROM_NUMBER,
    ROOT,
    START_SECONDS,
    Process,
    RedisServer,
    Simulator,
    wait_until,
)
from tests.scripts.conftest import Store

CELERY = [str(BIN / "celery"), "-A", "worker"]
PARTS = {
    "worker": [*CELERY, "worker", "--queues", QUEUE, "--pool", "threads", "--concurrency", "2"],
    "beat": [*CELERY, "beat"],
    "web": [sys.executable, "-m", "app"],
}
HOUR = 3600


@pytest.fixture
def running() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _start(
    running: ExitStack,
    part: str,
    ahead_seconds: int,
    folder: Path,
    redis_server: RedisServer,
    api_base_url: str,
    port: int = 0,
) -> Process:
    variables = {
        "CELERY_BROKER_URL": redis_server.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_PHONE_NUMBER": FROM_NUMBER,
        "TWILIO_API_BASE_URL": api_base_url,
        "APP_PORT": str(port or reserve_port()),
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


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
@pytest.mark.parametrize("part", PARTS)
def test_a_part_tells_by_how_much_the_clock_of_its_host_is_off(
    running: ExitStack, store: Store, tmp_path: Path, redis_server: RedisServer, nobody: str, part: str, ahead: int
) -> None:
    def parts() -> list[Part]:
        return list(ScriptRunner(store.redis).run(health()).parts)

    _start(running, part, ahead, tmp_path, redis_server, nobody)
    wait_until(lambda: bool(parts()), START_SECONDS, "it has reported")
    (told,) = parts()

    assert told.kind == part
    assert abs(told.ahead_ms - 1000 * ahead) < 1000


def _windows(from_hours: float, to_hours: float) -> dict[str, Any]:
    """Every day, so many hours from now, in a zone in which it is about noon."""
    now = datetime.now(UTC)
    there = now + timedelta(hours=12 - now.hour)
    start, end = (f"{there + timedelta(hours=hours):%H:%M}" for hours in (from_hours, to_hours))
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    zone = f"Etc/GMT{now.hour - 12:+}"
    return {"timezone": zone, "windows": [{"days": days, "start": start, "end": end}]}


def _listens(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/livez", timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize(
    ("ahead", "windows"),
    [(HOUR, (0.5, 3)), (-HOUR, (-3, -0.5))],
    ids=["a web tier ahead", "a web tier behind"],
)
def test_schedules_and_windows_are_right_though_the_clock_of_a_web_tier_is_off(
    running: ExitStack,
    store: Store,
    tmp_path: Path,
    redis_server: RedisServer,
    nobody: str,
    ahead: int,
    windows: tuple[float, float],
) -> None:
    """By its own clock those are open just now."""
    port = reserve_port()
    url = f"http://127.0.0.1:{port}{BASE_PATH}"
    web = _start(running, "web", ahead, tmp_path, redis_server, nobody, port)
    web.wait_for_answer(lambda: _listens(port))  # it reports before it listens
    shut = requests.post(
        f"{url}/queue-single-call",
        json={"to_number": "+12025556003", "calling_windows": _windows(*windows)},
        timeout=20,
    )
    later, past = (
        requests.post(
            f"{url}/schedule-call",
            json={"to_number": "+12025556004", "schedule_time": f"{datetime.now(UTC) + timedelta(hours=hours):%FT%TZ}"},
            timeout=20,
        )
        for hours in (0.5, -0.5)
    )

    assert (shut.status_code, later.status_code, past.status_code) == (200, 200, 400), shut.text + later.text
    assert store.ledger.admit(50) == []
