"""
Steering at random instants while processes are killed: python -m tests.e2e.steered [--tries N] [--seed N] [--failover]

Campaigns are paused and resumed, cancelled, one number of them is cancelled, and their busy numbers are tried again, so
many times each, under load. Prints what was dialled after an answer that forbade it, lost or doubled; exits with 1 if
anything was. With --failover Redis has replicas, and its primary is cut off from them and dies midway.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import uuid4

import requests

from tests.e2e.failover import CUT_OFF_SECONDS
from tests.e2e.rig import Rig
from tests.e2e.sentinels import GROUP, Sentinels
from tests.e2e.tries import Result, Try, judge
from tests.processes import BASE_PATH, wait_until

VERBS: Final = ("pause", "cancel one", "cancel all", "retry")
NUMBERS: Final = 4
CALLS_PER_SECOND: Final = 25.0
#: How long after its acceptance a campaign is steered, at most.
LATEST_SECONDS: Final = 5.0
HELD_SECONDS: Final = 3.0
AT_ONCE: Final = 24
SETTLE_SECONDS: Final = 150.0
_PATIENCE_SECONDS: Final = 60.0


class Tries:
    """Steers campaigns of a rig."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig = rig
        self.done: list[Try] = []
        self._random = Random(seed)
        self._lock = threading.Lock()

    def run(self, count: int, at_once: int = AT_ONCE) -> None:
        """So many tries of each verb, some at once."""
        verbs = [verb for verb in VERBS for _ in range(count)]
        self._random.shuffle(verbs)
        with ThreadPoolExecutor(at_once) as pool:
            for one in pool.map(self._try, verbs, [self._random.uniform(0, LATEST_SECONDS) for _ in verbs]):
                self.done.append(one)

    def result(self) -> Result:
        """Once all is settled, or the time for it is over."""
        deadline, unsettled = time.monotonic() + SETTLE_SECONDS, list(self.done)
        while unsettled and time.monotonic() < deadline:
            unsettled = [one for one in unsettled if self._is_going_on(one)]
            time.sleep(0.5)
        by_number: dict[str, list[dict[str, Any]]] = {}
        for call in self.rig.stack.simulator.calls():
            by_number.setdefault(call["to"], []).append(call)
        result = Result()
        for one in self.done:
            judge(one, {number: by_number.get(number, []) for number in one.numbers}, self._outcomes(one), result)
        result.lost += [f"{one.task_id} goes on" for one in unsettled]
        return result

    def _try(self, verb: str, seconds: float) -> Try:
        with self._lock:
            numbers = [self.rig.new_number() for _ in range(NUMBERS)]
        if verb == "retry":
            for number in numbers:
                self.rig.stack.simulator.script(number, outcome="busy")
        body = {"phone_numbers": numbers, "delay_between_calls": 1, "max_concurrent_calls": 3}
        one = Try(verb, self.rig.accept("queue-bulk-calls", body), numbers)
        time.sleep(seconds)
        {"pause": self._pause, "cancel one": self._cancel_one, "cancel all": self._cancel_all, "retry": self._retry}[
            verb
        ](one)
        return one

    def _pause(self, one: Try) -> None:
        if self._ask("POST", f"/tasks/{one.task_id}/pause") is None:
            return
        one.forbidden, one.since = one.numbers, time.time()
        time.sleep(HELD_SECONDS)
        one.until = time.time()
        self._ask("POST", f"/tasks/{one.task_id}/resume")

    def _cancel_one(self, one: Try) -> None:
        place = NUMBERS // 2
        if self._ask("DELETE", f"/cancel-task/{one.task_id}-{place + 1}") is not None:
            one.forbidden, one.since = [one.numbers[place]], time.time()

    def _cancel_all(self, one: Try) -> None:
        if self._ask("DELETE", f"/cancel-task/{one.task_id}") is not None:
            one.forbidden, one.since = one.numbers, time.time()

    def _retry(self, one: Try) -> None:
        answer = self._ask("POST", f"/tasks/{one.task_id}/retry", {"outcomes": ["busy"]})
        if answer is not None:
            one.tried_again, one.since = answer["count"], time.time()

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any] | None:
        """The answer, asked for as a careful client does; None if the task is over."""
        deadline, key = time.monotonic() + _PATIENCE_SECONDS, {"Idempotency-Key": uuid4().hex}
        for attempt in range(10_000):
            url = f"http://127.0.0.1:{self.rig.ports[attempt % 2]}{BASE_PATH}{path}"
            try:
                answer = requests.request(method, url, json=body, headers=key, timeout=4)
            except requests.RequestException:
                time.sleep(0.05)
            else:
                if answer.status_code in {404, 409}:
                    return None
                if answer.ok:
                    return dict(answer.json())
                assert answer.status_code == 503, f"{method} {path}: {answer.status_code} {answer.text}"
                time.sleep(0.1)
            assert time.monotonic() < deadline, f"no answer to {method} {path}"
        return None

    def _outcomes(self, one: Try) -> dict[str, str]:
        answer = self._ask("GET", f"/tasks/{one.task_id}/calls")
        assert answer is not None, f"{one.task_id} is forgotten"
        return {row["to_number"]: row["outcome"] for row in answer["calls"]}

    def _is_going_on(self, one: Try) -> bool:
        return self.rig.status(one.task_id)["status"] in {"PENDING", "PROGRESS"}


def under_kills(folder: Path, count: int, seed: int, gap_seconds: float, **options: Any) -> tuple[Result, Counter[str]]:
    """What came of so many tries of each verb, and what was broken meanwhile."""
    rig = Rig(folder, seed, CALLS_PER_SECOND, **options)
    try:
        tries = Tries(rig.start(), seed)
        chaos = rig.chaos(gap_seconds)
        chaos.start()
        try:
            tries.run(count)
        finally:
            chaos.stop()
        return tries.result(), chaos.broken
    finally:
        rig.stack.stop()


def over_a_failover(folder: Path, count: int, seed: int) -> Result:
    """The same while the primary is cut off from its replicas for a moment, and is killed then."""
    sentinels = Sentinels(folder)
    settings = {"CELERY_BROKER_URL": sentinels.url, "REDIS_SENTINEL_MASTER": GROUP, "REDIS_REPLICAS": "1"}
    rig = Rig(folder, seed, CALLS_PER_SECOND, workers=("threads", "threads"), settings=settings)
    try:
        sentinels.watch(rig.stack.redis)
        tries = Tries(rig.start(), seed)
        steering = threading.Thread(target=tries.run, args=(count,))
        steering.start()
        wait_until(lambda: len(tries.done) > count, what="a quarter of the tries is done")
        sentinels.cut_off()
        time.sleep(CUT_OFF_SECONDS)
        sentinels.kill_primary()
        sentinels.wait_for_failover()
        steering.join()
        return tries.result()
    finally:
        rig.stack.stop()
        sentinels.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("--failover", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if options.failover:
            result = over_a_failover(Path(folder), options.tries, options.seed)
        else:
            result, broken = under_kills(Path(folder), options.tries, options.seed, gap_seconds=1.5)
            print(f"broken: {dict(sorted(broken.items()))}")
    print(f"{result}; {time.monotonic() - began:.0f} s")
    return int(result.broken > 0)


if __name__ == "__main__":
    sys.exit(main())
