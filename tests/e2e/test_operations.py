"""What operators do, and what machines do to them: beats die, everything is restarted in turn, workers are added."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import requests

from app.store.pipeline import ANSWER_SECONDS
from tests.e2e.oracle import most_in_any_window
from tests.machine import Machine
from tests.ports import reserve_port
from tests.processes import BASE_PATH, Process, wait_until
from tests.stack import Stack

QUICK = {"CALLS_PER_SECOND": "20", "SINGLE_CALLS_PER_MINUTE": "1200", "MAX_LIVE_CALLS": "500"}


@contextmanager
def _running(folder: Path, settings: dict[str, str], **parts: int) -> Iterator[Stack]:
    stack = Stack(folder, settings, "--speed", "20")
    try:
        yield stack.start(**parts)
    finally:
        stack.stop()


def test_four_workers_use_the_limit_and_no_window_is_above_it(tmp_path: Path, machine: Machine) -> None:
    with _running(tmp_path, QUICK, workers=4) as stack:
        stack.simulator.take_precedence()
        numbers = [f"+1202554{index:04d}" for index in range(300)]
        for number in numbers:
            stack.queue("queue-single-call", to_number=number)
        wait_until(lambda: len(stack.simulator.calls()) == len(numbers), what="all are placed")
        times = [call["created_at"] for call in stack.simulator.calls()]

    assert most_in_any_window(times, machine.shortened(10.0)) <= 200
    assert most_in_any_window(times, machine.shortened(1.0)) <= 20
    # `make torture ARGS='--calm'` tells how much of it is used. If each call waited to be found it were a twentieth.
    assert (len(times) - 1) / machine.seconds(times[0], times[-1]) / 20 >= 0.5


def test_when_beat_dies_calls_go_on_with_the_first_look_of_another(tmp_path: Path, machine: Machine) -> None:
    with _running(tmp_path, {"CALLS_PER_SECOND": "2", "SINGLE_CALLS_PER_MINUTE": "120"}) as stack:
        for index in range(40):
            stack.queue("queue-single-call", to_number=f"+120255500{index:02d}")
        wait_until(lambda: len(stack.simulator.calls()) >= 3)
        beat = next(process for process in stack.processes if process.name == "beat")
        beat.kill()
        stack.processes.remove(beat)
        wait_until(lambda: not stack.health()["beat"], what="health has noticed")
        stalled = len(stack.simulator.calls())
        stack.start_beat()
        wait_until(lambda: stack.health()["beat"], what="it has looked at what waits")
        looked = time.time()
        wait_until(lambda: len(stack.simulator.calls()) > stalled)

        # What the dead one asked for counts as lost after a second.
        assert machine.seconds(looked, stack.simulator.calls()[stalled]["created_at"]) < 4


def test_a_paused_beat_beside_another_holds_nothing_up(tmp_path: Path, machine: Machine) -> None:
    with _running(tmp_path, {"CALLS_PER_SECOND": "2", "SINGLE_CALLS_PER_MINUTE": "120"}, beats=2) as stack:
        stack.simulator.take_precedence()
        paused = next(process for process in stack.processes if process.name == "beat")
        paused.signal(signal.SIGSTOP)
        for index in range(10):
            stack.queue("queue-single-call", to_number=f"+120255510{index:02d}")
        wait_until(lambda: len(stack.simulator.calls()) == 10)
        times = [call["created_at"] for call in stack.simulator.calls()]

        assert machine.seconds(times[0], times[-1]) < 2 * 9 * 0.5 + 5
        assert most_in_any_window(times, machine.shortened(1.0)) <= 2


class _Balancer(threading.Thread):
    """Clients behind a load balancer: each request goes to the next web process that accepts a connection."""

    def __init__(self, ports: list[int], machine: Machine) -> None:
        super().__init__()
        self.ports = ports
        self._machine = machine
        self.accepted: list[str] = []
        self.failed: list[str] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        index = 0
        while not self.stopped.wait(0.02):
            index += 1
            self._post(f"+1202556{index:04d}", index)

    def _post(self, number: str, index: int) -> None:
        for turn in range(2):
            url = f"http://127.0.0.1:{self.ports[(index + turn) % 2]}{BASE_PATH}/queue-single-call"
            watch, began = self._machine.stopwatch(), time.monotonic()
            try:
                answer = requests.post(url, json={"to_number": number}, timeout=10)
            except requests.ConnectionError as error:
                if "Connection refused" in str(error):
                    continue
                self.failed.append(f"{number}: {error}")
                return
            took_seconds = time.monotonic() - began
            if answer.status_code == 503 and took_seconds >= ANSWER_SECONDS > watch.seconds:
                continue  # Redis would have answered in time, had the machine not been busy
            if answer.status_code == 200:
                self.accepted.append(number)
            else:
                self.failed.append(f"{number}: {answer.status_code} after {took_seconds:.2f} s: {answer.text}")
            return
        self.failed.append(f"{number}: nobody listens")


def test_a_rolling_restart_under_load_fails_no_request_and_loses_or_doubles_no_call(
    tmp_path: Path, machine: Machine
) -> None:
    ports = [reserve_port(), reserve_port()]
    stack = Stack(tmp_path, QUICK, "--speed", "20")
    stack.port = ports[0]
    balancer = _Balancer(ports, machine)
    try:
        stack.start(workers=1)
        stack.start_web(ports[1])
        wait_until(partial(_ready, ports[1]))
        balancer.start()
        webs = [place for place, process in enumerate(stack.processes) if process.name == "web"]
        for place, port in zip(webs, ports, strict=True):
            assert stack.processes[place].stop() == 0
            _replace(stack, place, stack.start_web(port))
            wait_until(partial(_ready, port))
        for place, process in enumerate(list(stack.processes)):
            if process.name == "worker":
                new = stack.start_worker()
                wait_until(lambda: stack.health()["workers"] >= 2)
                assert process.stop() == 0
                _replace(stack, place, new)
        balancer.stopped.set()
        balancer.join()
        wait_until(lambda: len(stack.simulator.calls()) >= len(balancer.accepted), what="all are placed")
        created = [call["to"] for call in stack.simulator.calls()]
    finally:
        balancer.stopped.set()
        stack.stop()

    assert balancer.failed == []
    assert len(balancer.accepted) > 50
    assert sorted(created) == sorted(balancer.accepted)


def _ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def _replace(stack: Stack, place: int, new: Process) -> None:
    stack.processes.remove(new)
    stack.processes[place] = new
