"""
Backs up a system that accepts calls, loses its machine, and restores the copy on an empty one:
python -m tests.mistakes.copies [--seed N] [--rate 40] [--seconds 10]

Every call that was accepted before the copy is there, none is dialled twice. Exits with 1 otherwise.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from redis import Redis

from tests.e2e.rig import Rig
from tests.processes import ROOT, START_SECONDS, RedisServer, wait_until

_OVER: Final = frozenset({"SUCCESS", "FAILURE", "REVOKED"})


@dataclass
class Course:
    """What came of it; all but the first five and the last two ought to be zero."""

    before: int = 0  #: calls that were accepted before the copy was begun
    since: int = 0  #: calls that were accepted later; the copy has no or not all of them
    accepted_a_second: float = 0.0  #: while the copy was made, and before
    in_doubt: int = 0  #: calls that were looked up at Twilio
    put_back: int = 0  #: of which Twilio had none, so that they waited again
    missing: int = 0  #: tasks of before that are not there
    unsettled: int = 0  #: tasks of before that are not over
    not_dialled: int = 0  #: numbers of before that were never dialled
    twice: int = 0  #: calls to a number beyond its first
    commands: int = 0  #: that the operator typed from the empty machine on
    seconds: float = 0.0  #: from the empty machine until calls go again

    def __str__(self) -> str:
        return (
            f"accepted before the copy {self.before}, since {self.since}, {self.accepted_a_second:.1f} a second;"
            f" in doubt {self.in_doubt}, put back {self.put_back}; missing {self.missing}, unsettled {self.unsettled},"
            f" not dialled {self.not_dialled}, dialled twice {self.twice};"
            f" {self.commands} commands, {self.seconds:.1f} s"
        )

    @property
    def well(self) -> bool:
        """Whether nothing was lost or dialled twice."""
        return not any((self.missing, self.unsettled, self.not_dialled, self.twice))


@dataclass
class Operator:
    """Types commands, which are counted."""

    rig: Rig
    say: Callable[[str], None]
    commands: int = 0

    def types(self, *words: str) -> str:
        self.commands += 1
        command = [sys.executable, "-m", "worker.admin", *words]
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **self.rig.stack.env},
            capture_output=True,
            text=True,
            timeout=3 * START_SECONDS,
            check=False,
        )
        assert ended.returncode == 0, f"{words}\n{ended.stdout}{ended.stderr}"
        self.say(f"worker.admin {' '.join(words)}: {' '.join(ended.stdout.split())}")
        return ended.stdout


@dataclass
class Clients:
    """Queue so many calls a second, from several threads, until they are told to stop."""

    rig: Rig
    rate: float
    accepted: list[tuple[float, str, str]] = field(default_factory=list)  #: instant of the answer, task, number
    _ends: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _next: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        self._next = time.monotonic()
        self._threads = [threading.Thread(target=self._queue, daemon=True) for _ in range(8)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def a_second(self) -> float:
        times = sorted(at for at, *_ in self.accepted)
        return (len(times) - 1) / (times[-1] - times[0])

    def _queue(self) -> None:
        while not self._ends.is_set():
            with self._lock:
                at, self._next = self._next, self._next + 1 / self.rate
                number = self.rig.new_number()
            time.sleep(max(0.0, at - time.monotonic()))
            task_id = self.rig.accept("queue-single-call", {"to_number": number})
            self.accepted.append((time.monotonic(), task_id, number))


def run(folder: Path, seed: int, rate: float, seconds: float, say: Callable[[str], None]) -> Course:
    """Accepts calls for so long before the copy and a third of it after; the machine is lost then."""
    rig = Rig(folder, seed, calls_per_second=rate / 2, workers=("threads",))
    operator, clients, course = Operator(rig, say), Clients(rig, rate), Course()
    try:
        rig.start()
        clients.begin()
        time.sleep(seconds)
        began = time.monotonic()
        operator.types("backup", str(folder / "calls.aof"))
        time.sleep(seconds / 3)
        clients.end()
        before = [(task, number) for at, task, number in clients.accepted if at < began]
        course.before, course.since = len(before), len(clients.accepted) - len(before)
        course.accepted_a_second = clients.a_second()
        _lose(rig)
        _restore(rig, operator, folder, course)
        _settle(rig, before, course)
    finally:
        rig.stack.stop()
    return course


def _lose(rig: Rig) -> None:
    """The machine is gone, at one instant; Twilio goes on."""
    assert rig.stack.redis.process
    for process in (*rig.stack.processes, rig.stack.redis.process):
        process.kill()
    rig.stack.processes.clear()


def _restore(rig: Rig, operator: Operator, folder: Path, course: Course) -> None:
    began, operator.commands = time.monotonic(), 0
    new, copy = folder / "new", str(folder / "calls.aof")
    new.mkdir()
    operator.types("restore", copy, "--into", str(new))
    rig.stack.redis = RedisServer(new).start()
    rig.stack.env["CELERY_BROKER_URL"] = rig.stack.redis.url
    rig.start()
    dialled = rig.stack.simulator.created()
    operator.types("restore", copy, "--old-system-stopped", "--accept-lost-opt-outs")
    with Redis.from_url(rig.stack.redis.url, decode_responses=True, protocol=2) as redis:
        course.in_doubt = sum(redis.hexists(name, "restored") for name in redis.scan_iter("tw:task:*"))
    course.put_back = int(operator.types("requeue", "--all", "--yes").split()[0])
    assert rig.stack.simulator.created() == dialled, "a copy dialled"
    operator.types("resume")
    if course.put_back:
        wait_until(lambda: rig.stack.simulator.created() > dialled, what="calls go again")
    course.commands, course.seconds = operator.commands, time.monotonic() - began


def _settle(rig: Rig, before: list[tuple[str, str]], course: Course) -> None:
    """Waits until what was accepted before is over, and counts."""
    deadline = time.monotonic() + max(90.0, 4 * course.before / rig.calls_per_second)
    open_tasks, gone = {task for task, _ in before}, 0
    while open_tasks and time.monotonic() < deadline:
        statuses: dict[str, Any] = {task: rig.status(task)["status"] for task in open_tasks}
        gone += sum(status == "GONE" for status in statuses.values())
        open_tasks = {task for task, status in statuses.items() if status not in {*_OVER, "GONE"}}
        time.sleep(0.5)
    created = Counter(call["to"] for call in rig.stack.simulator.calls())
    course.missing, course.unsettled = gone, len(open_tasks)
    course.not_dialled = sum(not created[number] for _, number in before)
    course.twice = sum(count - 1 for count in created.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument(
        "--rate", type=float, default=40.0, help="calls that are accepted a second; half of it is dialled"
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="how long before the copy; a third of it after")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = run(Path(folder), options.seed, options.rate, options.seconds, lambda text: print(text, flush=True))
    print(f"seed {options.seed}: {course}")
    return int(not course.well)


if __name__ == "__main__":
    sys.exit(main())
