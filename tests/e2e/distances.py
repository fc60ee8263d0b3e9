"""
Four workers at round trips of 0, 50, 150 and 300 ms from Twilio, over TLS: python -m tests.e2e.distances [--rate 10]

Prints how many calls arrived at Twilio in the fullest second, and how much of the limit was used; exits with 1 if more
arrived than may, or less than 97 % was used.
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.distance import Distance
from tests.e2e.oracle import most_in_any_window
from tests.machine import Machine
from tests.processes import PATIENCE_SECONDS, wait_until
from tests.stack import Stack
from tests.tls import TlsProxy

WAYS_SECONDS = (0.0, 0.025, 0.075, 0.15)
LEAST_USED = 0.97
#: Until every thread of every worker has its connection.
WARM_SECONDS = 2.0
_THREADS = 12


@dataclass(frozen=True)
class Figures:
    """One run, counted where the calls arrive."""

    limit: float
    calls: int
    most_in_second: int
    most_in_second_but_for_the_machine: int  #: without what only arrived together because the machine held it up
    used_share: float  #: of the limit, once the workers are warm
    worst_seconds: float  #: for so long at most the machine held everything up

    def __str__(self) -> str:
        return (
            f"{self.calls} calls at {self.limit:g} a second: most in any second {self.most_in_second}"
            f" ({self.most_in_second_but_for_the_machine} but for the machine, which stood for up to"
            f" {self.worst_seconds * 1000:.0f} ms), limit used {self.used_share:.1%}"
        )


def run(folder: Path, calls_per_second: float, seconds: float) -> Figures:
    """Queues what takes so long, then lets the workers go."""
    with ExitStack() as running:
        stack = Stack(folder, _settings(calls_per_second), "--speed", "20")
        running.callback(stack.stop)
        stack.simulator.take_precedence()
        stack.env["PUBLIC_BASE_URL"] = stack.url
        tls = TlsProxy(folder, stack.simulator.port)
        running.callback(tls.close)
        stack.start_web()
        wait_until(lambda: _answers(stack), what="the web tier answers")
        count = round(calls_per_second * (seconds + WARM_SECONDS))
        for number in range(count):
            stack.queue("queue-single-call", to_number=f"+1202{2_000_000 + number}")
        for way_seconds in WAYS_SECONDS:
            distance = Distance(tls.port, way_seconds)
            running.callback(distance.close)
            there = {"TWILIO_API_BASE_URL": f"https://127.0.0.1:{distance.port}"}
            stack.start_worker("threads", _THREADS, **there, REQUESTS_CA_BUNDLE=str(tls.ca_file))
        wait_until(lambda: stack.health()["workers"] == len(WAYS_SECONDS), what="the workers are there")
        machine = running.enter_context(Machine())
        stack.start_beat()
        wait_until(lambda: stack.simulator.created() >= count, seconds * 2 + PATIENCE_SECONDS, "all calls are placed")
        times = [call["created_at"] for call in stack.simulator.calls()]
    return _figures(times, calls_per_second, machine)


def _settings(calls_per_second: float) -> dict[str, str]:
    return {
        "CALLS_PER_SECOND": f"{calls_per_second:g}",
        "SINGLE_CALLS_PER_MINUTE": f"{calls_per_second * 60:g}",
        "MAX_LIVE_CALLS": "100000",
        "REQUESTS_CA_BUNDLE": "",
    }


def _answers(stack: Stack) -> bool:
    try:
        return bool(stack.health())
    except OSError:
        return False


def _figures(times: list[float], calls_per_second: float, machine: Machine) -> Figures:
    warm = [time for time in times if time >= times[0] + WARM_SECONDS]
    return Figures(
        limit=calls_per_second,
        calls=len(times),
        most_in_second=most_in_any_window(times, 1.0),
        most_in_second_but_for_the_machine=most_in_any_window(times, machine.shortened(1.0)),
        used_share=(len(warm) - 1) / (warm[-1] - warm[0]) / calls_per_second,
        worst_seconds=machine.worst_seconds,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.distances", description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--rate", type=float, default=10, help="calls a second")
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = run(Path(folder), options.rate, options.seconds)
    print(figures)
    return int(figures.most_in_second > figures.limit or figures.used_share < LEAST_USED)


if __name__ == "__main__":
    sys.exit(main())
