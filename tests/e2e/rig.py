"""A load of calls on a stack that is being broken, and the oracle's verdict at the end."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from redis import Redis

from schemas import keys
from tests.e2e.chaos import Chaos
from tests.e2e.oracle import Verdict, judge
from tests.machine import Machine
from tests.ports import reserve_port
from tests.processes import BASE_PATH, Process, all_go_on, wait_until
from tests.stack import Stack

#: Each of the four troubles of the issue, on five requests of a hundred.
FAULTS = {
    "lost_answer": 0.05,
    "reset_before": 0.025,
    "reset_after": 0.025,
    "too_many": 0.05,
    "error_before": 0.025,
    "error_after": 0.025,
}
SETTLE_SECONDS = 90.0
#: Of the tasks that are not settled in time.
_MOST_TOLD = 20
BEATS = 2


@dataclass
class Rig:
    """Two web processes, workers of both pools, two beats, one Redis; Twilio is the simulator and is never broken."""

    folder: Path
    seed: int
    calls_per_second: float
    workers: Sequence[str] = ("threads", "threads", "prefork")
    settings: Mapping[str, str] = field(default_factory=dict)
    tasks: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ports = [reserve_port(), reserve_port()]
        settings = {
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{self.ports[0]}",
            "CALLS_PER_SECOND": str(self.calls_per_second),
            "SINGLE_CALLS_PER_MINUTE": str(self.calls_per_second * 60),
            "MAX_LIVE_CALLS": "500",
            "TWILIO_TIMEOUT_SECONDS": "2",
            "RECONCILE_AFTER_SECONDS": "6",
            **self.settings,
        }
        self.stack = Stack(self.folder, settings, "--speed", "20", "--seed", str(self.seed))
        self._number = 0

    def start(self) -> "Rig":
        for port in self.ports:
            self.stack.start_web(port)
        for pool in self.workers:
            self._start_worker(pool)
        for _ in range(BEATS):
            self.stack.start_beat()
        self.stack.port = self.ports[0]
        wait_until(self._is_healthy, what="the stack is healthy")
        with Redis.from_url(self.stack.redis.url, protocol=2) as redis:
            # One that still starts would refuse what an operator errs in.
            wait_until(lambda: redis.zcard(f"{keys.PREFIX}beats") == BEATS, what="both beats are there")
        return self

    def chaos(self, gap_seconds: float) -> Chaos:
        """A breaker for everything but the simulator."""
        restart: dict[int, Callable[[], Process]] = {}
        for place, process in enumerate(self.stack.processes):
            if process.name == "web":
                restart[place] = partial(self.stack.start_web, self.ports[place])
            elif process.name == "worker":
                restart[place] = partial(self._start_worker, self.workers[place - len(self.ports)])
            else:
                restart[place] = self.stack.start_beat
        return Chaos(self.stack, self.seed, gap_seconds, restart)

    def break_twilio(self, faults: Mapping[str, float] = FAULTS) -> None:
        for kind, probability in faults.items():
            self.stack.simulator.fault(to=None, kind=kind, probability=probability, times=None)

    def load(self, singles: int, campaigns: int = 0, campaign_size: int = 10) -> None:
        """Queues calls as a careful client does: with an Idempotency-Key, again until there is an answer."""
        for _ in range(campaigns):
            numbers = [self.new_number() for _ in range(campaign_size)]
            body = {"phone_numbers": numbers, "delay_between_calls": 1, "max_concurrent_calls": 5}
            self.tasks[self.accept("queue-bulk-calls", body)] = numbers
        for _ in range(singles):
            number = self.new_number()
            self.tasks[self.accept("queue-single-call", {"to_number": number})] = [number]

    def verdict(self, settle_seconds: float = SETTLE_SECONDS, machine: Machine | None = None) -> Verdict:
        """
        Waits until everything is settled, or nothing was for so long, and judges, with regard to a busy machine.
        """
        deadline = time.monotonic() + settle_seconds
        open_tasks = set(self.tasks)
        statuses: dict[str, dict[str, Any]] = {}
        while open_tasks:
            for task_id in list(open_tasks):
                statuses[task_id] = self.status(task_id)
                if statuses[task_id]["status"] in {"SUCCESS", "FAILURE", "REVOKED", "GONE"}:
                    open_tasks.discard(task_id)
                    deadline = time.monotonic() + settle_seconds
            if time.monotonic() > deadline:
                break
            all_go_on()
            time.sleep(0.5)
        for task_id in sorted(open_tasks)[:_MOST_TOLD]:
            print(f"{task_id} goes on: {statuses[task_id]['status']}, {statuses[task_id]['message']}", flush=True)
        windows = (machine.shortened(1.0), machine.shortened(10.0)) if machine else (1.0, 10.0)
        return judge(self.tasks, statuses, self.stack.simulator.calls(), self.calls_per_second, windows)

    def _start_worker(self, pool: str) -> Process:
        return self.stack.start_worker(pool, concurrency=6 if pool == "threads" else 3)

    def numbers_ahead(self, count: int) -> list[str]:
        """Those that are called next."""
        # The simulator gives numbers that end in 0101 to 0104 fates of their own.
        return [f"+1202{200_000 + self._number + ahead:06d}9" for ahead in range(1, count + 1)]

    def new_number(self) -> str:
        """One that was not called yet."""
        (number,) = self.numbers_ahead(1)
        self._number += 1
        return number

    def accept(self, endpoint: str, body: dict[str, Any]) -> str:
        """Queues a task until there is an answer; its id."""
        answer = self._ask("POST", f"/{endpoint}", json=body, headers={"Idempotency-Key": uuid4().hex})
        return str(answer["task_id"])

    def status(self, task_id: str) -> dict[str, Any]:
        return self._ask("GET", f"/task-status/{task_id}")

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        attempt = 0
        while time.monotonic() < deadline:
            port = self.ports[attempt % 2]
            attempt += 1
            try:
                answer = requests.request(method, f"http://127.0.0.1:{port}{BASE_PATH}{path}", timeout=4, **options)
            except requests.RequestException:
                time.sleep(0.05)
                continue
            if answer.status_code == 200:
                return dict(answer.json())
            if answer.status_code == 404:  # forgotten: never settled
                return {"status": "GONE", "result": None}
            assert answer.status_code == 503, f"{answer.status_code} {answer.text}"
            time.sleep(0.1)
        raise AssertionError(f"No answer to {method} {path} within 60 s")

    def _is_healthy(self) -> bool:
        try:
            health = self.stack.health()
        except requests.RequestException:
            return False
        return bool(health["workers"] >= len(self.workers) and health["beat"])
