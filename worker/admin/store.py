"""The operator's way to Redis: reads of every kind, and the one switch."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, cast
from uuid import uuid4

from redis import Redis

from runtime.scripts import ScriptRunner
from schemas import keys
from schemas.campaigns.marks import Mark
from schemas.campaigns.rows import Row
from schemas.explanation import obstacle, why
from schemas.lua.script import Answer, Script
from schemas.messages import task_of
from schemas.records import RANKS
from schemas.scripts.cancel import ALL, START, Look, Pausing, forget_number, forget_on
from schemas.scripts.cancel import resume as resume_task
from schemas.scripts.explain import explain
from schemas.scripts.gauges import Overview, overview
from schemas.scripts.holds import drain, resume
from schemas.states import CallState
from worker.admin.row import row_of, unbegun_row
from worker.settings import Settings

#: Keys that one step of a scan looks at: some milliseconds of Redis's time.
_SCAN_STEP: Final = 1000
#: A call to the number that turned out to live meanwhile is waited for.
_LIVE_PAUSE_SECONDS: Final = 1.0


class UnconfirmedError(Exception):
    """A change was made, but not enough replicas have it: after a failover it may be undone."""


class Store:
    """Methods raise redis.exceptions.RedisError when Redis does not answer; a change, UnconfirmedError."""

    def __init__(self, redis: "Redis", settings: Settings) -> None:
        self.redis = redis
        self.settings = settings
        self.limits = settings.limits
        self._retention_days = settings.retention_days
        self._replicas = settings.sentinel.replicas
        self._scripts = ScriptRunner(redis)

    def run(self, script: Script[Answer]) -> Answer:
        """What a script answers."""
        return self._scripts.run(script)

    def overview(self, most_campaigns: int) -> Overview:
        """The queue at one instant, with at most so many campaigns by name."""
        return self._scripts.run(overview(tuple(RANKS.values()), most_campaigns))

    def explain(self, task_id: str) -> tuple[str, str] | None:
        """The task's state, and why it is there; None if there is no such task. Raises RecordError."""
        found = self._scripts.run(explain(task_id, self.limits.most_minutes_a_day))
        if not found:
            return None
        return found.facts.state, why(found.facts, obstacle(found.facts, self.limits))

    def drain(self) -> bool:
        """Lets no call go any more; False if that was so already."""
        return self.change(drain())

    def resume(self) -> bool:
        """Lets calls go again; False if they did already."""
        return self.change(resume())

    def resume_campaign(self, campaign_id: str) -> Pausing:
        """Lets the calls of a paused campaign begin again."""
        return self.change(resume_task(campaign_id))

    def change(self, script: Script[Answer]) -> Answer:
        """What a script answers that changes something; raises UnconfirmedError unless enough replicas have it."""
        answer, replicated = self._scripts.run_replicated(script, self._replicas)
        if not replicated:
            raise UnconfirmedError
        return answer

    def calls_to(self, number: str) -> Iterator[dict[str, Any]]:
        """Calls to a number, and campaigns that still have it before them. Looks through every record."""
        for task_id, fields in self.records():
            if fields.get("to") == number or (fields.get("kind") == "bulk" and self._waits_in(task_id, number)):
                yield row_of(task_id, fields)

    def forget_number(self, number: str) -> dict[str, str] | None:
        """Removes every trace of a number; returns what came of it, None if nothing because it is called just now."""
        job_id = str(uuid4())
        look = Look(begun=False, cursor="")
        while look.cursor != START:
            look = self.change(forget_number(job_id, number, ALL, self._retention_days, look.cursor or START))
        if not look.begun:
            return None
        while True:
            while self._scripts.run(forget_on(self._retention_days)):
                pass
            job = cast(dict[str, str], self.redis.hgetall(keys.forget_job(job_id)))
            if job.get("state") != "running":
                return job
            time.sleep(_LIVE_PAUSE_SECONDS)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every record as a row, and every number that has none yet. Redis's SCAN may give a record twice."""
        for task_id, fields in self.records():
            yield row_of(task_id, fields)
            if fields.get("kind") == "bulk":
                yield from self._unbegun(task_id, fields)

    def records(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Every record, as its fields. Redis's SCAN may give one twice."""
        cursor = 0
        while True:
            cursor, names = self.redis.scan(cursor, match=keys.task("*"), count=_SCAN_STEP)
            pipeline = self.redis.pipeline(transaction=False)
            pipeline.zrange(keys.SLOTS, 0, -1)
            for name in names:
                pipeline.hgetall(name)
            admitted, *records = pipeline.execute()
            dispatched = Counter(map(task_of, admitted))
            for name, fields in zip(names, records, strict=True):
                task_id = str(name).removeprefix(keys.task(""))
                if fields.get("kind") == "bulk":
                    fields["dispatched"] = str(dispatched[task_id])
                if fields:
                    yield task_id, fields
            if cursor == 0:
                return

    def _unbegun(self, campaign_id: str, shared: dict[str, str]) -> Iterator[dict[str, Any]]:
        """A page of rows at a time, with their marks at the same instant."""
        first = 0
        while True:
            last = first + _SCAN_STEP - 1
            pipeline = self.redis.pipeline()
            pipeline.lrange(keys.rows(campaign_id), first, last)
            pipeline.getrange(keys.marks(campaign_id), first, last)
            for place in range(first, last + 1):
                pipeline.exists(keys.task(f"{campaign_id}-{place + 1}"))
            rows, marks, *have_records = pipeline.execute()
            for place, (text, mark, has_record) in enumerate(zip(rows, marks, have_records, strict=False), first + 1):
                if not has_record:
                    state = CallState.WAITING if mark == Mark.WAITING else CallState.CANCELLED
                    yield unbegun_row(campaign_id, shared, place, Row.unpack(str(text)).number, state)
            if len(rows) < _SCAN_STEP:
                return
            first += _SCAN_STEP

    def _waits_in(self, campaign_id: str, number: str) -> bool:
        marks = self.redis.get(keys.marks(campaign_id)) or ""
        for first in range(0, len(marks), _SCAN_STEP):
            rows = self.redis.lrange(keys.rows(campaign_id), first, first + _SCAN_STEP - 1)
            page = zip(marks[first : first + _SCAN_STEP], rows, strict=False)
            if any(mark == Mark.WAITING and Row.unpack(str(text)).number == number for mark, text in page):
                return True
        return self.redis.lpos(keys.numbers(campaign_id), number) is not None
