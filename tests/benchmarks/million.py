"""A Redis with a million numbers in a thousand campaigns and 100,000 single calls, all by the real scripts."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple
from uuid import uuid4

from redis import Redis

from runtime.scripts import ScriptRunner
from schemas.campaigns.filling import Repetition, append
from schemas.campaigns.rows import Row
from schemas.limits import Limits
from schemas.scripts.accept import NewTask, accept
from schemas.scripts.begin import Go
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import Request, placed
from tests.benchmarks.backlog import FROM_NUMBER, METADATA, MONTH_MS
from worker.ledger import Ledger

CAMPAIGNS: Final = 1_000
SMALL: Final = 900  #: numbers of all campaigns but one
LARGE: Final = 1_000_000 - (CAMPAIGNS - 1) * SMALL
SINGLES: Final = 100_000
#: Calls that are over before the rest is filled in, by themselves and of campaigns.
LIVED: Final = 9_000
#: One of so many is busy, the others are answered.
BUSY: Final = 97
_AT_ONCE: Final = 1_000
_LIMITS: Final = Limits(1_000_000, 60_000_000, 1_000_000)
_STATUSES: Final = ("initiated", "ringing", "in-progress", "completed")
_BUSY_STATUSES: Final = ("initiated", "ringing", "busy")


class Sizes(NamedTuple):
    """Bytes of Redis's memory."""

    lived_single: float  #: a single call that is over, with its events
    lived_number: float  #: a campaign's number that is over, likewise
    number: float  #: a campaign's number before its attempt
    due_single: float  #: a single call that is due
    later_single: float  #: and one that is due in a month


class Million:
    """Fills one empty Redis."""

    def __init__(self, redis: "Redis") -> None:
        self.redis = redis
        self.lived: list[str] = []  #: campaigns of which all numbers are over
        self.small: list[str] = []  #: others
        self.large = ""
        self._scripts = ScriptRunner(redis)
        self._ledger = Ledger(redis, _LIMITS, timeout_seconds=30, retention_days=30)
        self._numbers = iter(f"+1202{number:07d}" for number in range(10_000_000))
        redis.config_set("auto-aof-rewrite-percentage", 0)  # what a rewrite keeps meanwhile is no part of a record
        redis.config_set("appendfsync", "everysec")  # while it is filled

    def fill(self) -> Sizes:
        """What each of its parts takes."""
        self._singles(1, due_ms=None)  # so that the scripts themselves are not counted
        self._live(1)
        lived_single = self._bytes_of(LIVED, self._lived_singles)
        lived_number = self._bytes_of(LIVED, self._lived_campaigns)
        due_single = self._bytes_of(SINGLES // 2, lambda: self._singles(SINGLES // 2, due_ms=None))
        self.small = [self._campaign(SMALL) for _ in range(CAMPAIGNS - 1 - len(self.lived))]
        self.large = self._campaign(_AT_ONCE)
        number = self._bytes_of(LARGE - _AT_ONCE, lambda: self._append(self.large, LARGE - _AT_ONCE))
        in_a_month_ms = time.time_ns() // 1_000_000 + MONTH_MS
        later_single = self._bytes_of(SINGLES // 2, lambda: self._singles(SINGLES // 2, in_a_month_ms))
        self.redis.config_set("appendfsync", "always")
        return Sizes(lived_single, lived_number, number, due_single, later_single)

    def _bytes_of(self, count: int, fill: Callable[[], None]) -> float:
        before = self._used()
        fill()
        return (self._used() - before) / count

    def _used(self) -> int:
        """Without what is kept for this connection and for the file."""
        memory = self.redis.info("memory")
        return int(memory["used_memory"] - memory["mem_clients_normal"] - memory["mem_aof_buffer"])

    def _lived_singles(self) -> None:
        self._singles(LIVED, due_ms=None)
        self._live(LIVED)

    def _lived_campaigns(self) -> None:
        self.lived = [self._campaign(SMALL) for _ in range(LIVED // SMALL)]
        self._live(LIVED)

    def _singles(self, count: int, due_ms: int | None) -> None:
        kind = "scheduled" if due_ms else "single"
        fields = {"from": FROM_NUMBER, "rank": "2", "metadata": METADATA, "kind": kind, "state": "waiting"}
        for _ in range(count):
            to = {"to": next(self._numbers)}
            self._scripts.run(accept(NewTask(str(uuid4()), fields | to, due_ms=due_ms, pace_interval_us=1)))

    def _campaign(self, numbers: int) -> str:
        fields = {"from": FROM_NUMBER, "rank": "2", "metadata": METADATA, "kind": "bulk", "state": "active"}
        fields |= {"total": str(numbers), "delay_us": "1", "max_live": "1000", "name": "Reminders"}
        task = NewTask(str(uuid4()), fields, [Row(next(self._numbers)) for _ in range(numbers)])
        return self._scripts.run(accept(task)).task_id

    def _append(self, campaign_id: str, count: int) -> None:
        for first in range(0, count, _AT_ONCE):
            rows = [Row(next(self._numbers)) for _ in range(min(_AT_ONCE, count - first))]
            # Known for a moment only, so that what a repetition is known by is not counted.
            assert self._scripts.run(append(campaign_id, rows, Repetition(uuid4().hex, "body", 0))).verdict == "done"

    def _live(self, calls: int) -> None:
        """Brings so many waiting calls through their lives, each with the four events that Twilio posts."""
        lived = 0
        while lived < calls:
            for call_id in self._ledger.admit(50):
                self._live_through(call_id, is_busy=lived % BUSY == 0)
                lived += 1

    def _live_through(self, call_id: str, *, is_busy: bool) -> None:
        attempt = uuid4().hex
        permission = self._ledger.begin(call_id, attempt)
        while not isinstance(permission, Go):
            time.sleep(0.001)
            permission = self._ledger.begin(call_id, attempt)
        sid = f"CA{attempt}"
        self._ledger.record_outcome(Request(call_id, permission.call.tries, 0), placed(sid, "queued", 60))
        for sequence, status in enumerate(_BUSY_STATUSES if is_busy else _STATUSES):
            self._ledger.record_news(call_id, _report(permission.call.to, sid, sequence, status))


def _report(to: str, sid: str, sequence: int, status: str) -> Report:
    now_ms = str(time.time_ns() // 1_000_000)
    fields = {"call_status": status}
    body = f"CallSid={sid}&CallStatus={status}&SequenceNumber={sequence}"
    if status == "initiated":
        fields["started_ms"] = now_ms
    if status in {"completed", "busy"}:
        fields |= {"ended_ms": now_ms, "duration_seconds": "42"}
        body += "&CallDuration=42"
    return Report(Source.CALLBACK, sid, fields, to, FROM_NUMBER, check_seconds=60, sequence=str(sequence), body=body)
