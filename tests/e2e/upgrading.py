"""
An upgrade under load, back, and forward again: python -m tests.e2e.upgrading OLD [--seed N] [--rate 10]

OLD is a tree of an earlier version (git worktree add OLD COMMIT). Its web processes, workers and beats are exchanged
for today's one after another, workers first, while singles and campaigns are queued; then today's for its own, the web
processes first; then again. What the later version accepted may wait for it; nothing is lost, and nobody dialled twice.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import requests

from tests.e2e.oracle import Verdict
from tests.e2e.rig import Rig
from tests.processes import BASE_PATH, BIN, Process, wait_until

#: Parts as they are exchanged on the way forward; on the way back it is the other way round.
PARTS: Final = ("worker", "worker", "beat", "beat", "web", "web")
#: Between two exchanges.
GAP_SECONDS: Final = 4.0
#: A message that a worker of the earlier version took is missed after ten seconds.
SETTLE_SECONDS: Final = 240.0


class Fleet:
    """Two of each part, each of which is of the old tree or of today's."""

    def __init__(self, rig: Rig, old: Path) -> None:
        self._rig, self._old = rig, old
        self._parts: list[tuple[str, Process]] = []
        self._ports = iter(rig.ports * 100)

    def start(self) -> None:
        """All of the old tree."""
        for kind in reversed(PARTS):
            port = next(self._ports) if kind == "web" else 0
            self._parts.append((kind, self._begin(kind, port, of_today=False)))
        wait_until(self._is_healthy, what="the old version is healthy")

    def exchange(self, *, of_today: bool, say: Callable[[str], None]) -> None:
        """One after another, under load."""
        for kind in PARTS if of_today else PARTS[::-1]:
            place = next(index for index, (its, _) in enumerate(self._parts) if its == kind)
            _, process = self._parts.pop(place)
            process.stop()
            self._rig.stack.processes.remove(process)
            port = next(self._ports) if kind == "web" else 0
            self._parts.append((kind, self._begin(kind, port, of_today=of_today)))
            say(f"{kind} exchanged, {'today' if of_today else 'old'}: {self._rig.stack.simulator.created()} calls")
            time.sleep(GAP_SECONDS)
        wait_until(self._is_healthy, what="what was exchanged is healthy")

    def _begin(self, kind: str, port: int, *, of_today: bool) -> Process:
        stack, folder = self._rig.stack, [] if of_today else ["env", "-C", str(self._old)]
        env = {} if of_today else {"PYTHONPATH": str(self._old)}
        if kind == "web":
            process = stack.start_process("web", [*folder, sys.executable, "-m", "app"], {**env, "APP_PORT": str(port)})
            process.wait_for_answer(lambda: _answers(port))
            return process
        options = ["--queues", "twilio_calls", "--pool", "threads", "--concurrency", "6"] if kind == "worker" else []
        process = stack.start_process(kind, [*folder, str(BIN / "celery"), "-A", "worker", kind, *options], env)
        if kind == "worker":
            wait_until(lambda: "ready" in process.output, what="the worker is there")
        return process

    def _is_healthy(self) -> bool:
        try:
            health = [requests.get(f"http://127.0.0.1:{port}{BASE_PATH}/health", timeout=5) for port in self._rig.ports]
        except requests.RequestException:
            return False
        return all(one.ok and one.json()["workers"] == 2 and one.json()["beat"] for one in health)


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/livez", timeout=2).ok
    except requests.RequestException:
        return False


def run(folder: Path, old: Path, seed: int, calls_per_second: float, say: Callable[[str], None]) -> Verdict:
    """Forward, back and forward."""
    rig = Rig(folder, seed, calls_per_second, workers=("threads", "threads"))
    rig.stack.simulator.take_precedence()
    rig.stack.port = rig.ports[0]
    over = threading.Event()

    def queue_on() -> None:
        while not over.is_set():
            rig.load(singles=int(calls_per_second), campaigns=1)
            time.sleep(1.5)

    try:
        fleet = Fleet(rig, old)
        fleet.start()
        load = threading.Thread(target=queue_on, daemon=True)
        load.start()
        for of_today in (True, False, True):
            time.sleep(10)
            fleet.exchange(of_today=of_today, say=say)
        time.sleep(10)
        over.set()
        load.join()
        return rig.verdict(settle_seconds=SETTLE_SECONDS)
    finally:
        over.set()
        rig.stack.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.upgrading")
    parser.add_argument("old", type=Path)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--rate", type=float, default=10, help="calls a second")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        verdict = run(
            Path(folder), options.old.resolve(), options.seed, options.rate, lambda text: print(text, flush=True)
        )
    print(verdict)
    above = verdict.most_in_second > options.rate
    return int(any((verdict.duplicates, verdict.lost, verdict.uninvited, verdict.unsettled, verdict.denied, above)))


if __name__ == "__main__":
    sys.exit(main())
