"""
Who goes when: python -m tests.e2e.fairness [--waiting 1000000] [--seconds 60]

Ten campaigns of one name beside single calls of another share one pace; then urgent single calls come at random
instants, and due together with others, to where so many calls wait. Prints who got how much, and how many went before
an urgent one; exits with 1 if a share is off by more than a tenth, or an urgent call did not go at the next slot.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from redis import Redis

from tests.benchmarks.backlog import MONTH_MS, Backlog
from tests.processes import PATIENCE_SECONDS, wait_until
from tests.stack import Stack

CALLS_PER_SECOND: Final = 10
CAMPAIGNS: Final = 10
URGENT: Final = 20
TOGETHER: Final = 30
#: A call whose slot had come when the urgent one was accepted, and one that has left and not arrived.
UNDER_WAY: Final = 2
_KEYS: Final = {"alice": "a" * 32, "bob": "b" * 32}
_SETTINGS: Final = {
    "CALLS_PER_SECOND": str(CALLS_PER_SECOND),
    "SINGLE_CALLS_PER_MINUTE": str(CALLS_PER_SECOND * 60),
    "MAX_LIVE_CALLS": "5000",
}


@contextmanager
def _running(folder: Path, waiting: int, **settings: str) -> Iterator[Stack]:
    folder.mkdir()
    stack = Stack(folder, _SETTINGS | settings, "--speed", "20")
    try:
        if waiting:
            with Redis.from_url(stack.redis.url, decode_responses=True) as redis:
                backlog = Backlog(redis)
                backlog.copies(backlog.call(), waiting // 2)
                backlog.copies(backlog.call(MONTH_MS), waiting // 2)
        stack.simulator.take_precedence()
        yield stack.start(workers=2)
    finally:
        stack.stop()


def shares(folder: Path, seconds: int) -> bool:
    """Ten campaigns of one name, and another that queues single calls, for so long."""
    with _running(folder, 0, API_KEYS=",".join(f"{name}:{secret}" for name, secret in _KEYS.items())) as stack:
        count = CALLS_PER_SECOND * seconds
        for place in range(CAMPAIGNS):
            numbers = [f"+12025{place:02d}{number:04d}" for number in range(count // CAMPAIGNS)]
            body = {"phone_numbers": numbers, "delay_between_calls": 1, "max_concurrent_calls": 50}
            stack.post("queue-bulk-calls", body, **{"X-API-Key": _KEYS["alice"]}).raise_for_status()
        for number in range(count):
            body = {"to_number": f"+12029{number:06d}"}
            stack.post("queue-single-call", body, **{"X-API-Key": _KEYS["bob"]}).raise_for_status()
        before = stack.simulator.created()
        wait_until(lambda: stack.simulator.created() >= before + count, seconds * 2 + PATIENCE_SECONDS, "calls left")
        calls = stack.simulator.calls()[before:]
    names = Counter("bob" if call["to"][5] == "9" else "alice" for call in calls)
    campaigns = Counter(call["to"][6:8] for call in calls if call["to"][5] == "5")
    print(f"of {len(calls)} calls {dict(names)}; of alice's campaigns {sorted(campaigns.values())}")
    return all(_is_near(counter[key], counter) for counter in (names, campaigns) for key in counter)


def _is_near(share: int, shares_of_all: Counter[str]) -> bool:
    mean = shares_of_all.total() / len(shares_of_all)
    return abs(share - mean) <= max(mean / 10, 1)


def urgent(folder: Path, waiting: int, random: Random) -> bool:
    """Single calls of the highest priority: queued while others wait, and due at one instant with others."""
    before: list[int] = []
    with _running(folder, waiting) as stack:
        for number in range(URGENT):
            time.sleep(random.uniform(0.1, 0.6))
            to = f"+120277{number:05d}"
            stack.queue("queue-single-call", to_number=to, priority="high")
            before.append(_went_before(stack, to, time.time()))
        due = datetime.now(UTC) + timedelta(seconds=TOGETHER / 5)
        places = list(range(TOGETHER))
        random.shuffle(places)
        for place in places:
            more = {} if place else {"priority": "high"}
            when = {"schedule_time": due.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "timezone": "UTC"}
            stack.queue("schedule-call", to_number=f"+120278{place:05d}", **when, **more)
        before.append(_went_before(stack, "+12027800000", due.timestamp()))
    print(f"with {waiting:,} waiting, calls that went before an urgent one: {before}")
    return max(before) <= UNDER_WAY


def _went_before(stack: Stack, to: str, since: float) -> int:
    """How many calls came into being since then, but before the one to that number."""
    wait_until(lambda: stack.simulator.calls_to(to), what="the urgent call has left")
    (call,) = stack.simulator.calls_to(to)
    return sum(since < other["created_at"] < call["created_at"] for other in stack.simulator.calls())


def main() -> int:
    """Exit code 0 if everybody had his share and nobody urgent waited."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.fairness", description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=19)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fair = shares(Path(folder) / "shares", options.seconds)
        quick = urgent(Path(folder) / "urgent", options.waiting, Random(options.seed))
    return int(not (fair and quick))


if __name__ == "__main__":
    sys.exit(main())
