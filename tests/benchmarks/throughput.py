"""How fast calls are placed: under a limit of 100 a second, and without one beside a plain Celery task."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import requests

from tests.benchmarks.table import Row, alternate
from tests.e2e.oracle import most_in_any_window
from tests.ports import reserve_port
from tests.processes import BASE_PATH, BIN, ROOT, Process, wait_until
from tests.stack import Stack

CALLS: Final = 1500
LIMIT: Final = 100
THREADS: Final = 48
SIMULATOR: Final = ("--speed", "20", "--latency-ms", "150", "--concurrent-requests", "1000")
NO_LIMIT: Final = {"CALLS_PER_SECOND": "5000", "SINGLE_CALLS_PER_MINUTE": "300000", "MAX_LIVE_CALLS": "100000"}
PACED: Final = {
    "CALLS_PER_SECOND": str(LIMIT),
    "SINGLE_CALLS_PER_MINUTE": str(LIMIT * 60),
    "MAX_LIVE_CALLS": "100000",
}


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """The three rows; `folder` is empty."""
    paced = [_ours(folder / f"paced-{turn}", PACED, webhooks=True) for turn in range(rounds)]
    rate = median(_per_second(times) for times in paced)
    yield Row("calls placed at a limit of 100 a second, 150 ms answers", "/s", rate, "limit", LIMIT, 0.98)
    most = max(most_in_any_window(times, 1.0) for times in paced)
    yield Row("most of them in any second of any round", "calls", most, "limit", LIMIT, 1, "most")
    names = iter(range(2 * rounds))
    taken = alternate(
        rounds,
        {
            "ours": lambda: _per_second(_ours(folder / f"free-{next(names)}", NO_LIMIT)),
            "plain": lambda: _per_second(_plain(folder / f"plain-{next(names)}")),
        },
    )
    what = f"calls placed by one worker with {THREADS} threads and no limit, 150 ms answers"
    yield Row(what, "/s", taken["ours"], "plain Celery task", taken["plain"], 1)


def _ours(folder: Path, settings: dict[str, str], *, webhooks: bool = False) -> list[float]:
    """When the calls of a queue that is full arrived at Twilio."""
    port = reserve_port()
    public = {"PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"} if webhooks else {}

    def start(stack: Stack) -> None:
        stack.port = port
        stack.start_web(port)
        wait_until(partial(_answers, stack), 30, "the web tier answers")
        with requests.Session() as client:
            for index in range(CALLS):
                body = {"to_number": _number(index)}
                client.post(f"{stack.url}{BASE_PATH}/queue-single-call", json=body, timeout=10).raise_for_status()
        stack.start_worker("threads", THREADS)
        stack.start_beat()

    return _arrivals(folder, settings | public, start)


def _plain(folder: Path) -> list[float]:
    """The same of a plain Celery task."""

    def start(stack: Stack) -> None:
        stack.env["PLAIN_BROKER_URL"] = stack.redis.url
        publish = "import sys; from tests.benchmarks.plain_celery import call; [call.delay(to) for to in sys.argv[1:]]"
        numbers = [_number(index) for index in range(CALLS)]
        subprocess.run([sys.executable, "-c", publish, *numbers], env=os.environ | stack.env, cwd=ROOT, check=True)
        options = ["--pool", "threads", "--concurrency", str(THREADS), "--without-gossip", "--without-mingle"]
        command = [str(BIN / "celery"), "-A", "tests.benchmarks.plain_celery", "worker", *options]
        stack.processes.append(Process("worker", command, stack.folder, stack.env))

    return _arrivals(folder, {}, start)


def _arrivals(folder: Path, settings: dict[str, str], start: Callable[[Stack], None]) -> list[float]:
    folder.mkdir()
    stack = Stack(folder, settings, *SIMULATOR)
    try:
        start(stack)
        wait_until(lambda: stack.simulator.created() >= CALLS, 120, "all calls are placed")
        return [call["created_at"] for call in stack.simulator.calls()]
    finally:
        stack.stop()


def _per_second(times: Sequence[float]) -> float:
    """Without the first tenth and the last, in which workers start and end."""
    steady = times[len(times) // 10 : -len(times) // 10]
    return (len(steady) - 1) / (steady[-1] - steady[0])


def _answers(stack: Stack) -> bool:
    try:
        return requests.get(f"{stack.url}/readyz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def _number(index: int) -> str:
    return f"+1202{200_000 + index:06d}9"
