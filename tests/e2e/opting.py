"""Two clients call the same people, who opt out at random instants; what left after that, and what did not."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import requests
from redis import Redis

from schemas import keys
from tests.e2e.sentinels import GROUP, Sentinels
from tests.processes import BASE_PATH, START_SECONDS, wait_until
from tests.stack import Stack

KEYS = {name: f"secret-of-{name}-for-opt-outs" for name in ("alice", "bob", "root")}
CALLS_PER_SECOND = 20
#: Tries that are under way together, and for how long their calls are spread.
AT_ONCE, SPREAD_SECONDS = 40, 4.0
#: The share of additions that an admin makes to the service's list; the others are alice's own.
SERVICE_SHARE = 0.25
SETTLE_SECONDS = 120.0
PRIMARY_SECONDS = 60.0
_CALL_ID = re.compile(r"call=([0-9a-f-]+)")


@dataclass
class Try:
    """One number, which alice calls, and bob too."""

    number: str
    on_list: str = "own"
    by_digit: bool = False
    tasks: dict[str, list[str]] = field(default_factory=lambda: {"alice": [], "bob": []})
    answered: float = 0.0  #: when the addition was answered, or the call in which a key was pressed was over


@dataclass
class Verdict:
    """The figures; all but the first three ought to be zero."""

    tries: int
    left_before: int  #: calls that had left before the answer
    spared: int  #: calls that did not leave any more
    left_after: int  #: calls that left after it
    lost: int  #: calls that neither left nor were ended as `do_not_call`
    kept_from_others: int  #: calls of a name whose list it was not, and that did not leave
    without_proof: int

    def __str__(self) -> str:
        return ", ".join(f"{field.name.replace('_', ' ')} {getattr(self, field.name)}" for field in fields(self))

    @property
    def clean(self) -> bool:
        return not any(getattr(self, field.name) for field in fields(self)[3:])


class Office:
    """A stack, its two clients and their admin."""

    def __init__(self, folder: Path, seed: int, sentinels: Sentinels | None = None) -> None:
        self.random = Random(seed)
        self._sentinels = sentinels
        settings = {
            "CALLS_PER_SECOND": str(CALLS_PER_SECOND),
            "SINGLE_CALLS_PER_MINUTE": str(CALLS_PER_SECOND * 60),
            "MAX_LIVE_CALLS": "500",
            "API_KEYS": ",".join(f"{name}:{secret}" for name, secret in KEYS.items()),
            "ADMIN_KEYS": "root",
        }
        self.stack = Stack(folder, settings, "--speed", "10", "--seed", str(seed))
        self.stack.env["PUBLIC_BASE_URL"] = self.stack.url
        if sentinels is not None:
            sentinels.watch(self.stack.redis)
            self.stack.env |= {
                "CELERY_BROKER_URL": sentinels.url,
                "REDIS_SENTINEL_MASTER": GROUP,
                "REDIS_REPLICAS": "1",
            }
        self.tries: list[Try] = []

    def start(self) -> "Office":
        self.stack.simulator.take_precedence()
        self.stack.start_web()
        for _ in range(2):
            self.stack.start_worker(concurrency=8)
        self.stack.start_beat()
        wait_until(lambda: self._health().get("workers") == 2, START_SECONDS, "the stack is healthy")
        return self

    def additions(self, count: int) -> None:
        """So many numbers come onto a list at random instants while the calls to them leave at the account's pace."""
        for first in range(0, count, AT_ONCE):
            tries = [self._try() for _ in range(min(AT_ONCE, count - first))]
            for one in tries:
                one.on_list = "service" if self.random.random() < SERVICE_SHARE else "own"
                for name in ("alice", "bob"):
                    self._queue(name, one)
            spread = 2 * len(tries) / CALLS_PER_SECOND + 0.5
            self._together([(self.random.uniform(0, spread), self._add, one) for one in tries])

    def key_presses(self, count: int) -> None:
        """So many people press the digit while further calls to them are due at random instants."""
        for first in range(0, count, AT_ONCE):
            tries = [self._try(by_digit=True) for _ in range(min(AT_ONCE, count - first))]
            for one in tries:
                self.stack.simulator.script(
                    one.number, outcome="answered", ring_seconds=2, talk_seconds=None, digits="9"
                )
                for _ in range(3):
                    self._queue("alice", one, delay_seconds=self.random.randint(0, round(SPREAD_SECONDS)))
                self._queue("bob", one, delay_seconds=round(SPREAD_SECONDS))
                self._queue("alice", one, opt_out_digit="9", priority="high")

    def verdict(self) -> Verdict:
        """Waits until nothing waits any more, and counts."""
        tasks = [(one, name, task) for one in self.tries for name in one.tasks for task in one.tasks[name]]
        deadline, outcomes = time.monotonic() + SETTLE_SECONDS, dict[str, str]()
        while len(outcomes) < len(tasks) and time.monotonic() < deadline:
            for _, name, task in tasks:
                outcome = outcomes.get(task) or self._ask(name, "GET", f"task-status/{task}")["result"]["outcome"]
                outcomes |= {task: outcome} if outcome not in {"waiting", "live"} else {}
            time.sleep(0.2)
        calls = self._calls()
        for one in self.tries:
            if one.by_digit:
                pressed = [
                    call["ended"] for task in one.tasks["alice"] if (call := calls.get(task)) and _opted_out(call)
                ]
                one.answered = min(pressed, default=float("inf"))
        return self._judge([(one, name, calls.get(task), outcomes.get(task)) for one, name, task in tasks])

    def _judge(self, calls: list[tuple[Try, str, dict[str, Any] | None, str | None]]) -> Verdict:
        concerned = [row for row in calls if row[1] == "alice" or row[0].on_list == "service"]
        others = [row for row in calls if row[1] == "bob" and row[0].on_list == "own"]
        with Redis(port=self._primary_port(), decode_responses=True) as redis:
            proved = sum(told["act"] == "added" for _, told in redis.xrange(keys.OPTOUT_PROOF))
        told = [one for one in self.tries if one.answered < float("inf")]  # over a failover a key may get no answer
        unlisted = sum(not self._is_proved(one) for one in told)
        missing = abs(len(self.tries) - proved) if self._sentinels is None else len(told) - proved
        return Verdict(
            tries=len(self.tries),
            left_before=sum(call is not None and call["created_at"] <= one.answered for one, _, call, _ in concerned),
            spared=sum(outcome == "do_not_call" for *_, outcome in concerned),
            left_after=sum(call is not None and call["created_at"] > one.answered for one, _, call, _ in concerned),
            lost=sum(call is None and outcome != "do_not_call" for *_, call, outcome in concerned),
            kept_from_others=sum(call is None for *_, call, _ in others),
            without_proof=max(unlisted, missing),
        )

    def _try(self, *, by_digit: bool = False) -> Try:
        self.tries.append(Try(f"+1303{200_000 + len(self.tries):06d}9", by_digit=by_digit))
        return self.tries[-1]

    def _is_proved(self, one: Try) -> bool:
        by = "root" if one.on_list == "service" else "alice"
        entry = self._ask(by, "GET", f"do-not-call/{one.number}?list={one.on_list}")
        if one.by_digit:
            return bool(entry["way"] == "key_press" and entry["call_id"] in one.tasks["alice"])
        return bool(entry["way"] == "api" and entry["added_by"] == by)

    def _queue(self, name: str, one: Try, **options: Any) -> None:
        body = {"to_number": one.number, **options}
        one.tasks[name].append(str(self._ask(name, "POST", "queue-single-call", json=body)["task_id"]))

    def _add(self, one: Try) -> None:
        name = "root" if one.on_list == "service" else "alice"
        self._ask(name, "PUT", f"do-not-call/{one.number}?list={one.on_list}")
        one.answered = time.time()

    def _ask(self, name: str, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The answer, asked for again, as the same request, while Redis has no primary."""
        url, headers = f"{self.stack.url}{BASE_PATH}/{path}", {"X-API-Key": KEYS[name], "Idempotency-Key": uuid4().hex}
        deadline = time.monotonic() + PRIMARY_SECONDS
        answer = requests.request(method, url, headers=headers, timeout=20, **options)
        while answer.status_code == 503 and self._sentinels is not None and time.monotonic() < deadline:
            time.sleep(0.1)
            answer = requests.request(method, url, headers=headers, timeout=20, **options)
        assert answer.status_code in {200, 404}, answer.text
        return dict(answer.json())

    def _primary_port(self) -> int:
        return self.stack.redis.port if self._sentinels is None else self._sentinels.primary_port() or 0

    def _calls(self) -> dict[str, dict[str, Any]]:
        """By the id that each was asked for with."""
        found = {}
        for call in self.stack.simulator.calls():
            named = _CALL_ID.search(str(call["params"]))
            assert named, call
            found[named[1]] = call
        return found

    def _together(self, deeds: list[tuple[float, Any, Try]]) -> None:
        began = time.monotonic()

        def do(deed: tuple[float, Any, Try]) -> None:
            threading.Event().wait(max(0.0, began + deed[0] - time.monotonic()))
            deed[1](deed[2])

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(do, deeds))

    def _health(self) -> dict[str, Any]:
        try:
            return self.stack.health()
        except requests.RequestException:
            return {}


def _opted_out(call: dict[str, Any]) -> bool:
    return any("not be called again" in said for said in call["heard"])
