"""Two clients call the same people, who opt out at random instants; what left after that, and what did not."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from pathlib import Path
from random import Random
from typing import Any

import requests
from redis import Redis

from schemas import keys
from tests.processes import BASE_PATH, START_SECONDS, wait_until
from tests.stack import Stack

KEYS = {name: f"secret-of-{name}-for-opt-outs" for name in ("alice", "bob", "root")}
CALLS_PER_SECOND = 20
#: Tries that are under way together, and for how long their calls are spread.
AT_ONCE, SPREAD_SECONDS = 40, 4.0
#: The share of additions that an admin makes to the service's list; the others are alice's own.
SERVICE_SHARE = 0.25
SETTLE_SECONDS = 120.0
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

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        settings = {
            "CALLS_PER_SECOND": str(CALLS_PER_SECOND),
            "SINGLE_CALLS_PER_MINUTE": str(CALLS_PER_SECOND * 60),
            "MAX_LIVE_CALLS": "500",
            "API_KEYS": ",".join(f"{name}:{secret}" for name, secret in KEYS.items()),
            "ADMIN_KEYS": "root",
        }
        self.stack = Stack(folder, settings, "--speed", "10", "--seed", str(seed))
        self.stack.env["PUBLIC_BASE_URL"] = self.stack.url
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
        with Redis.from_url(self.stack.redis.url, decode_responses=True) as redis:
            proved = sum(told["act"] == "added" for _, told in redis.xrange(keys.OPTOUT_PROOF))
        unlisted = sum(not self._is_proved(one) for one in self.tries)
        return Verdict(
            tries=len(self.tries),
            left_before=sum(call is not None and call["created_at"] <= one.answered for one, _, call, _ in concerned),
            spared=sum(outcome == "do_not_call" for *_, outcome in concerned),
            left_after=sum(call is not None and call["created_at"] > one.answered for one, _, call, _ in concerned),
            lost=sum(call is None and outcome != "do_not_call" for *_, call, outcome in concerned),
            kept_from_others=sum(call is None for *_, call, _ in others),
            without_proof=max(unlisted, abs(len(self.tries) - proved)),
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
        url, headers = f"{self.stack.url}{BASE_PATH}/{path}", {"X-API-Key": KEYS[name]}
        answer = requests.request(method, url, headers=headers, timeout=20, **options)
        assert answer.status_code in {200, 404}, answer.text
        return dict(answer.json())

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
