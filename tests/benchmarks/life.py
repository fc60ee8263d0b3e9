"""What a whole call costs: taken, dialled, followed and told on, beside the original's shape."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import requests

from tests.benchmarks import costs
from tests.benchmarks.table import Row
from tests.ports import reserve_port
from tests.processes import BASE_PATH, BIN, Process, wait_until
from tests.stack import Stack

ROUNDS_AT_MOST: Final = 3
RATES: Final = (20, 60)
SECONDS: Final = 15.0
EVENTS_A_CALL: Final = 4
RAISED: Final = range(40, 201, 20)
MOST_LATE_MS: Final = 250.0
#: Calls ring for a second and last two; Twilio answers a request in 0.1 s.
SIMULATOR: Final = ("--speed", "1", "--answer-after", "1", "--talk", "2", "--latency-ms", "100")
LIMITS: Final = {"CALLS_PER_SECOND": "1000", "SINGLE_CALLS_PER_MINUTE": "60000", "MAX_LIVE_CALLS": "100000"}


@dataclass(frozen=True)
class Life:
    """What one round showed, for each call."""

    cpu_ms: Mapping[str, float]
    scripts: float
    delivered: float
    late_p99_ms: float
    others_cores: float  #: of the simulator, the receiver and the generator

    @property
    def all_ms(self) -> float:
        return sum(self.cpu_ms.values())


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """CPU of a call at each rate beside the peer's, scripts of a call, and the rate at which calls get late."""
    turns = range(min(rounds, ROUNDS_AT_MOST))
    for rate in RATES:
        lives: dict[str, list[Life]] = {"ours": [], "peer": []}
        for turn in turns:
            for name, taken in lives.items():
                taken.append(_live(name, folder / f"{name}-{rate}-{turn}", rate))
                sys.stderr.write(f"  {name} at {rate}/s: {_told(taken[-1])}\n")
        ours, peers = (median(life.all_ms for life in taken) for taken in lives.values())
        what = f"CPU of a whole call, {rate} a second"
        yield Row(what, "ms", ours, "FastAPI + Celery + SDK", peers, 0.6, "most")
        if rate == max(RATES):
            yield Row(what, "ms", ours, "allowed", 13, 1, "most")
            delivered = min(life.delivered for life in lives["peer"])
            yield Row(f"events delivered, {rate} a second", "a call", _least(lives), "the peer", delivered, 1)
        yield Row(
            f"scripts of a call, {rate} a second",
            "",
            median(life.scripts for life in lives["ours"]),
            "allowed",
            10,
            1,
            "most",
        )
    yield Row("most whole calls before they are late", "/s", _raised(folder), "allowed", 80, 1)


def _least(lives: Mapping[str, list[Life]]) -> float:
    return min(life.delivered for life in lives["ours"])


def _told(life: Life) -> str:
    parts = ", ".join(f"{name} {ms:.2f}" for name, ms in life.cpu_ms.items())
    return (
        f"{life.all_ms:.2f} ms a call ({parts}), {life.scripts:.1f} scripts, {life.delivered:.2f} events,"
        f" late p99 {life.late_p99_ms:.0f} ms, others {life.others_cores:.2f} cores"
    )


def _raised(folder: Path) -> float:
    """The last rate at which no call was late and no event was lost."""
    last = 0.0
    for rate in RAISED:
        life = _live("ours", folder / f"raised-{rate}", rate)
        sys.stderr.write(f"  raised to {rate}/s: {_told(life)}\n")
        if life.late_p99_ms > MOST_LATE_MS or life.delivered < EVENTS_A_CALL:
            break
        last = rate
    return last


def _live(name: str, folder: Path, rate: int) -> Life:
    folder.mkdir()
    port = reserve_port()
    stack = Stack(folder, LIMITS | {"PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"}, *SIMULATOR)
    stack.port = port
    try:
        path = _start(name, stack)
        sink_port = reserve_port()
        sink = Process("sink", [sys.executable, "-m", "tests.benchmarks.event_sink", str(sink_port)], folder, {})
        stack.processes.append(sink)
        sink.wait_for_answer(partial(costs.told_by, sink_port))
        return _measured(name, stack, sink_port, path, rate)
    finally:
        stack.stop()


def _start(name: str, stack: Stack) -> str:
    """Starts web tier, worker and clock; the path that takes calls."""
    if name == "ours":
        stack.start_web(stack.port)
        stack.start_worker("threads", 16)
        stack.start_beat()
        wait_until(lambda: _healthy(stack), 60, "the stack is healthy")
        return f"{BASE_PATH}/queue-single-call"
    options = ["--port", str(stack.port), "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    options += ["--timeout-keep-alive", "75"]  # or on a busy machine it closes what the load generator kept
    web = Process(
        "web", [sys.executable, "-m", "uvicorn", "tests.benchmarks.peer_life:app", *options], stack.folder, stack.env
    )
    stack.processes.append(web)
    command = [str(BIN / "celery"), "-A", "tests.benchmarks.peer_life:celery", "worker", "--pool", "threads"]
    worker = Process("worker", [*command, "--concurrency", "16"], stack.folder, stack.env)
    stack.processes.append(worker)
    web.wait_for_answer(partial(_answers, f"{stack.url}/docs"))
    wait_until(lambda: "tasks" in worker.output, 60, "the worker is there")
    return "/queue-single-call"


def _measured(name: str, stack: Stack, sink_port: int, path: str, rate: int) -> Life:
    ours = {process.name: process for process in stack.processes if process.name in {"web", "worker", "beat"}}
    redis = stack.redis.process
    assert redis is not None
    pids = {one: process.pid for one, process in ours.items()} | {"redis": redis.pid}
    body = json.dumps({"to_number": "NUMBER", "status_callback_url": f"http://127.0.0.1:{sink_port}/events"})
    time.sleep(3)  # what starts up is not part of a call
    before, scripts_before, others = costs.cpu(pids), costs.scripts(stack), costs.others_cpu(stack)
    words = ["--port", str(stack.port), "--path", path, "--method", "POST", "--body", body]
    words += ["--rate", str(rate), "--seconds", str(SECONDS), "--connections", "16", "--assigned"]
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.benchmarks.load", *words]
    figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120).stdout)
    seconds = time.monotonic() - began
    others_cores = (costs.others_cpu(stack) - others) / seconds
    if figures["errors"]:
        raise RuntimeError(f"{figures['errors']} calls were not accepted")
    calls = costs.calls_accepted(name, stack)
    delivered = costs.all_delivered(sink_port, calls * EVENTS_A_CALL)
    spent = {one: (now - before[one]) * 1e3 / calls for one, now in costs.cpu(pids).items()}
    late_ms = costs.late_ms(stack) if name == "ours" else [0.0]
    scripts = (costs.scripts(stack) - scripts_before) / calls
    return Life(spent, scripts, delivered / calls, late_ms[len(late_ms) * 99 // 100], others_cores)


def _healthy(stack: Stack) -> bool:
    try:
        health = stack.health()
    except requests.RequestException:
        return False
    return bool(health["workers"] and health["beat"])


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False
