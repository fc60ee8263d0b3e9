"""Who waits for a process hears at once that it has ended, and what it said."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import Process, RedisServer, wait_until

HOURS = 3600.0
Run = Callable[[str], Process]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Starts Python programs, all of which have ended after the test."""
    started: list[Process] = []

    def start(program: str) -> Process:
        started.append(Process("program", [sys.executable, "-c", program], tmp_path, {}))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def test_one_that_ends_early_fails_whoever_waits_and_shows_its_log(run: Run) -> None:
    run("raise SystemExit('address already in use')")
    with pytest.raises(AssertionError, match=r"program ended with 1:\naddress already in use"):
        wait_until(lambda: False, HOURS)


@pytest.mark.parametrize("end", [Process.terminate, Process.kill, lambda one: one.signal(signal.SIGKILL)])
def test_one_that_was_asked_to_end_fails_nobody(run: Run, end: Callable[[Process], None]) -> None:
    process = run("import time; time.sleep(3600)")
    end(process)
    wait_until(lambda: not process.alive)
    with pytest.raises(AssertionError, match="the impossible"):
        wait_until(lambda: False, 0.01, "the impossible")


def test_one_need_not_compile_again_what_another_has_compiled(run: Run) -> None:
    process = run("import sys, time; print(sys.dont_write_bytecode); time.sleep(3600)")
    assert wait_until(lambda: process.output) == "False\n"


def test_a_redis_whose_port_is_taken_is_not_waited_for(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    taken = RedisServer(first).start()
    other = RedisServer(second, taken.port)
    try:
        with pytest.raises(AssertionError, match="No answer: redis ended with 1"):
            other.start()
    finally:
        taken.stop()
