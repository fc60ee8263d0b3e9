"""Scripts that a whole call runs, and what they write, counted in Redis's append-only file."""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from redis import Redis

from schemas import keys
from schemas.limits import Limits
from schemas.scripts.begin import Go
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import Request, placed
from tests.benchmarks.backlog import FROM_NUMBER, Backlog
from tests.benchmarks.table import Row
from tests.processes import RedisServer
from worker.ledger import Ledger

CALLS: Final = 20
STATUSES: Final = ("initiated", "ringing", "in-progress", "completed")
#: Before calls were listed, logged and steered: scripts of a call, and writes of its four events.
SCRIPTS_BEFORE: Final = 8
WRITES_BEFORE: Final = {"nobody is told": 31, "a receiver is told": 37}
_RECEIVERS: Final = {"nobody is told": "", "a receiver is told": "https://client.example/events"}
_LIMITS: Final = Limits(1_000_000, 60_000_000, 1_000_000)
_NO_WRITES: Final = frozenset({b"MULTI", b"EXEC", b"SELECT"})


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """One row for scripts, and one for writes with and without a receiver; `folder` is empty. One round tells all."""
    del rounds
    server = RedisServer(folder).start()
    try:
        with Redis.from_url(server.url, decode_responses=True) as redis:
            redis.config_set("auto-aof-rewrite-percentage", 0)
            for what, url in _RECEIVERS.items():
                redis.flushall()
                counted = Life(redis, folder / "appendonly.aof").counted(url)
                parts = ", ".join(f"{part} {writes:.1f}" for part, (_, writes) in counted.items())
                sys.stderr.write(f"  writes, {what}: {parts}\n")
                scripts = sum(scripts for scripts, _ in counted.values())
                writes = sum(counted[status][1] for status in STATUSES)
                most = WRITES_BEFORE[what] + 3 * len(STATUSES)
                yield Row(f"scripts of a whole call, {what}", "", scripts, "allowed", SCRIPTS_BEFORE + 1, 1, "most")
                yield Row(f"writes of its four events, {what}", "", writes, "allowed", most, 1, "most")
    finally:
        server.stop()


class Life:
    """Calls whose scripts and writes are counted part by part."""

    def __init__(self, redis: "Redis", file: Path) -> None:
        self._redis = redis
        self._file = file
        self._ledger = Ledger(redis, _LIMITS, timeout_seconds=30, retention_days=30)
        self._backlog = Backlog(redis)
        self._parts: dict[str, tuple[int, int]] = {}

    def counted(self, url: str) -> Mapping[str, tuple[float, float]]:
        """Scripts and writes of each part of a call, which tells this URL of its events; '' for none."""
        self._call("", "CA0")  # so that no script has to be loaded any more
        self._parts.clear()
        for number in range(1, CALLS + 1):
            self._call(url, f"CA{number}")
        return {name: (scripts / CALLS, writes / CALLS) for name, (scripts, writes) in self._parts.items()}

    def _call(self, url: str, sid: str) -> None:
        call_id = self._part("accept", self._backlog.call)
        if url:
            self._redis.hset(keys.task(call_id), "status_callback_url", url)
        self._part("admit", lambda: self._ledger.admit(1))
        permission = self._part("begin", lambda: self._ledger.begin(call_id, sid))
        assert isinstance(permission, Go)
        request, to = Request(call_id, permission.call.tries, 0), permission.call.to
        self._part("outcome", lambda: self._ledger.record_outcome(request, placed(sid, "queued", 60)))
        for sequence, status in enumerate(STATUSES):
            report = _report(to, sid, sequence, status)
            self._part(status, partial(self._ledger.record_news, call_id, report))

    def _part(self, name: str, run: Callable[[], Any]) -> Any:
        scripts, writes = self._scripts(), self._writes()
        answer = run()
        before = self._parts.get(name, (0, 0))
        self._parts[name] = (before[0] + self._scripts() - scripts, before[1] + self._writes() - writes)
        return answer

    def _scripts(self) -> int:
        stats: dict[str, dict[str, Any]] = self._redis.info("commandstats")
        return sum(int(stats.get(f"cmdstat_{word}", {}).get("calls", 0)) for word in ("eval", "evalsha"))

    def _writes(self) -> int:
        """Commands in the file: each is an array of strings with their lengths before them (RESP)."""
        words, count, place = self._file.read_bytes().split(b"\r\n"), 0, 0
        while place < len(words) - 1:
            count += words[place + 2].upper() not in _NO_WRITES
            place += 1 + 2 * int(words[place][1:])
        return count


def _report(to: str, sid: str, sequence: int, status: str) -> Report:
    fields = {"call_status": status}
    if status == "initiated":
        fields["started_ms"] = "1"
    if status == "completed":
        fields |= {"ended_ms": "2", "duration_seconds": "8"}
    body = f"CallSid={sid}&CallStatus={status}&SequenceNumber={sequence}"
    return Report(Source.CALLBACK, sid, fields, to, FROM_NUMBER, check_seconds=60, sequence=str(sequence), body=body)
