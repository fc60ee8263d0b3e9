"""Clients that cancel and an operator who drains while a primary is lost, and what became of what they were told."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.e2e.rig import Rig
from tests.processes import BASE_PATH, ROOT

#: From here on its numbers are talked to for so long that only a hang-up ends them in time.
LONG_TALK_SECONDS = 40_000
#: So many are cancelled while the primary is lost.
SPARED = 6
#: A command that got no confirmation is given again, as the sentence says.
_COMMAND_SECONDS = 60.0


@dataclass(frozen=True)
class Obedience:
    """What was promised and not kept; all but the first three ought to be zero."""

    cancelled: int  #: cancels answered 200
    refused: int  #: cancels answered 503, or not at all, and sent again
    drained_seconds: float  #: from the answer of drain until resume was given
    dialled_after_cancel: int  #: calls of a task that came into being after its cancel was answered
    dialled_while_drained: int
    still_live: int  #: calls of cancelled tasks that nobody hung up
    otherwise: (
        int  #: tasks whose cancel was answered and whose status is not REVOKED, though no call of them was placed
    )

    @property
    def broken(self) -> int:
        return self.dialled_after_cancel + self.dialled_while_drained + self.still_live + self.otherwise

    def __str__(self) -> str:
        return (
            f"cancels answered {self.cancelled}, sent again {self.refused}, drained {self.drained_seconds:.1f} s;"
            f" dialled after a cancel {self.dialled_after_cancel}, while drained {self.dialled_while_drained},"
            f" not hung up {self.still_live}, undone {self.otherwise}"
        )


@dataclass
class Steering:
    """Cancels one task after the other, in a thread of its own, and drains and resumes when it is told."""

    rig: Rig
    settings: Mapping[str, str]
    answered: dict[str, float] = field(default_factory=dict)  #: task -> when its cancel was answered 200
    refused: int = 0
    seen: int = 0  #: tasks of which every so many-th was cancelled
    drained: list[float] = field(default_factory=list)  #: when drain was answered, and when resume was given

    def cancel(self, task_id: str) -> None:
        """Sends a cancel until it is answered, as a careful client does."""
        deadline, attempt = time.monotonic() + _COMMAND_SECONDS, 0
        while time.monotonic() < deadline:
            port = self.rig.ports[attempt % 2]
            attempt += 1
            with suppress(requests.RequestException):
                url = f"http://127.0.0.1:{port}{BASE_PATH}/cancel-task/{task_id}"
                status = requests.delete(url, timeout=4).status_code
                if status == 200:
                    self.answered[task_id] = time.time()
                    return
                if status == 404:  # over already
                    return
            self.refused += 1
            time.sleep(0.1)
        raise AssertionError(f"no answer to the cancel of {task_id}")

    def spared(self) -> list[str]:
        """A campaign, and the newest calls, that were not cancelled yet."""
        tasks = [task_id for task_id in list(self.rig.tasks) if task_id not in self.answered]
        campaigns = [task_id for task_id in tasks if len(self.rig.tasks[task_id]) > 1]
        return campaigns[:1] + tasks[-SPARED:]

    @contextmanager
    def cancelling(self, gap_seconds: float, every: int) -> Iterator[None]:
        """Cancels every so many-th task that is accepted, meanwhile."""
        done = threading.Event()
        failures: list[BaseException] = []

        def run() -> None:
            try:
                while not done.wait(gap_seconds):
                    tasks = list(self.rig.tasks)
                    for place in range(self.seen, len(tasks)):
                        if place % every == 0:
                            self.cancel(tasks[place])
                    self.seen = len(tasks)
            except AssertionError as error:
                failures.append(error)

        thread = threading.Thread(target=run, name="cancels")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
        if failures:
            raise failures[0]

    def switch(self, command: str) -> None:
        """`worker.admin drain` or `resume`, until it says that it is done."""
        given, deadline = time.time(), time.monotonic() + _COMMAND_SECONDS
        environment = {**self.rig.stack.env, **self.settings, "PYTHONPATH": str(ROOT)}
        while time.monotonic() < deadline:
            words = [sys.executable, "-m", "worker.admin", command]
            if subprocess.run(words, env=environment, capture_output=True, check=False, timeout=60).returncode == 0:
                self.drained.append(time.time() if command == "drain" else given)
                return
            time.sleep(0.1)
        raise AssertionError(f"{command} was never confirmed")

    def obedience(self, statuses: Mapping[str, Mapping[str, Any]], begun: Sequence[float]) -> Obedience:
        """
        What came of it, by the simulator's calls and by what is told of each cancelled task.

        `begun` are the instants at which requests were let go.
        """
        whose = {number: task_id for task_id, numbers in self.rig.tasks.items() for number in numbers}
        calls = [(whose[call["to"]], call) for call in self.rig.stack.simulator.calls() if call["to"] in whose]
        began, ended = self.drained or (0.0, 0.0)
        placed = {task_id for task_id, _ in calls}
        return Obedience(
            cancelled=len(self.answered),
            refused=self.refused,
            drained_seconds=ended - began,
            dialled_after_cancel=sum(call["created_at"] > self.answered.get(task_id, 1e12) for task_id, call in calls),
            dialled_while_drained=sum(began < instant < ended for instant in begun),
            still_live=sum(task_id in self.answered and not call["ended"] for task_id, call in calls),
            otherwise=sum(statuses[task]["status"] != "REVOKED" for task in self.answered if task not in placed),
        )

    def wait_until_hung_up(self, seconds: float) -> None:
        """Until no call of a cancelled task goes on, or the time for it is over, which the figures then say."""
        numbers = {number for task_id in self.answered for number in self.rig.tasks[task_id]}
        deadline = time.monotonic() + seconds
        while any(not call["ended"] for call in self.rig.stack.simulator.calls_to(*numbers)):
            if time.monotonic() > deadline:
                return
            time.sleep(0.2)
