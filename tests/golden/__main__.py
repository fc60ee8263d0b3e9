"""
Writes what today's code leaves in Redis: python -m tests.golden v1

Run it when the version in schemas/records.py changes, and keep the files of the versions before.
"""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from redis import Redis

from schemas.messages import QUEUE, SWEEP
from schemas.scripts.outcome import Result, in_doubt, later, placed, refused
from tests.golden.keyspace import FOLDER, dump
from tests.processes import wait_until
from tests.scripts.conftest import Store
from tests.stack import Stack

SETTINGS = {"CALLS_PER_SECOND": "1000", "SINGLE_CALLS_PER_MINUTE": "60000"}
OPTIONS = {
    "webhook_url": "https://example.com/twiml",
    "status_callback_url": "https://example.com/events",
    "call_metadata": {"message": "Grüß Gott 😀", "priority": "high", "customer": [1, 2]},
}
NUMBERS = ["+12025550100", "+12025550101"]
KINDS = ("single", "scheduled", "bulk")


class Writer:
    """A web tier that accepts, and a ledger that does what workers do."""

    def __init__(self, stack: Stack, redis: "Redis") -> None:
        self.stack = stack
        self.store = Store(redis, 1000, 60_000, 50)
        self.steps: dict[str, Callable[[str], object]] = {
            "waiting": lambda call: None,
            "dispatched": self._admit,
            "dialling": self._dial,
            "waiting-again": lambda call: self._settle(call, later(1.5)),
            "confirming": lambda call: self._settle(call, in_doubt("no answer")),
            "placed": lambda call: self._settle(call, placed("CA1", "ringing", 60)),
            "ended": self._end,
            "rejected": lambda call: self._settle(call, refused("number", "Twilio refused the call", by_twilio=True)),
            "unknown": self._lose,
            "cancelled": self.store.cancel,
        }

    def accept(self, kind: str) -> str:
        """Id of the call whose way is followed."""
        headers = {"Idempotency-Key": f"key of {kind}"}
        if kind == "bulk":
            body = {"phone_numbers": NUMBERS, "delay_between_calls": 1, "max_concurrent_calls": 2, **OPTIONS}
            return f"{self.stack.post('queue-bulk-calls', body, **headers).json()['task_id']}-1"
        if kind == "single":
            body = {"to_number": NUMBERS[0], **OPTIONS}
            return str(self.stack.post("queue-single-call", body, **headers).json()["task_id"])
        body = {"to_number": NUMBERS[0], "schedule_time": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
        return str(self.stack.post("schedule-call", body, **headers).json()["task_id"])

    def _admit(self, call: str) -> None:
        self.store.pass_time(86_400)
        assert self.store.ledger.admit(50) == [call]

    def _dial(self, call: str) -> None:
        self._admit(call)
        self.store.ledger.begin(call, "attempt")

    def _settle(self, call: str, result: Result) -> None:
        self._dial(call)
        assert self.store.outcome(call, result).verdict == "done"

    def _end(self, call: str) -> None:
        self.steps["placed"](call)
        fields = {
            "duration_seconds": "7",
            "answered_by": "human",
            "digits": "1",
            "started_ms": "1000",
            "ended_ms": "8000",
        }
        self.store.callback(call, "completed", fields=fields)

    def _lose(self, call: str) -> None:
        self.steps["confirming"](call)
        self.store.give_up(call)


def messages(stack: Stack, redis: "Redis") -> dict[str, str]:
    """Messages to the workers, as they stand in the broker."""
    from worker.application import celery  # noqa: PLC0415 - reads the settings, which name this Redis only now
    from worker.tasks import _publish  # noqa: PLC0415

    redis.flushall()
    stack.post("queue-single-call", {"to_number": NUMBERS[0]})
    wait_until(lambda: redis.llen(QUEUE) == 1, what="the wake-up is in the broker")
    with celery.producer_or_acquire() as producer:
        _publish("the-call", producer)
        celery.send_task(SWEEP, queue=QUEUE, ignore_result=True, producer=producer)
    taken = [str(message) for message in redis.lrange(QUEUE, 0, -1)]
    return {json.loads(message)["headers"]["task"]: message for message in taken}


def is_up(stack: Stack) -> bool:
    try:
        return bool(stack.health())
    except requests.ConnectionError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description="Writes what today's code leaves.")
    parser.add_argument("version", help="of schemas/records.py, as the file's name: v1")
    version = parser.parse_args().version
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), SETTINGS)
        try:
            os.environ.update(stack.env)
            stack.start_web()
            wait_until(lambda: is_up(stack), what="the web tier answers")
            with Redis.from_url(stack.redis.url, decode_responses=True, protocol=2) as redis:
                write(stack, redis, version)
        finally:
            stack.stop()


def write(stack: Stack, redis: "Redis", version: str) -> None:
    writer = Writer(stack, redis)
    cases = {}
    for kind in KINDS:
        for state, step in writer.steps.items():
            redis.flushall()
            call = writer.accept(kind)
            if kind == "bulk" and state == "cancelled":
                call = call.removesuffix("-1")
            step(call)
            cases[f"{kind} {state}"] = {"call": call, "keys": dump(redis)}
    save(version, cases, messages(stack, redis))


def save(version: str, cases: dict[str, Any], taken: dict[str, str]) -> None:
    """One line a case, so that a change shows where it is."""
    lines = [f"  {json.dumps(name)}: {json.dumps(case, separators=(',', ':'))}" for name, case in cases.items()]
    sent = json.dumps(taken, indent=2).replace(platform.node(), "host")
    text = '{"cases": {\n' + ",\n".join(lines) + '\n}, "messages": ' + sent + "}\n"
    (FOLDER / f"{version}.json").write_text(text)


if __name__ == "__main__":
    main()
