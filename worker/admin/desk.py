"""The operator's way to Redis: reads of every kind, and the one switch."""

from collections.abc import Iterator
from typing import Any, Final

from redis import Redis

from schemas import keys
from schemas.limits import Limits
from schemas.pulses import BEAT_FRESH_MS, WORKER_FRESH_MS
from schemas.scripts import source
from schemas.waiting import Facts, explain
from worker.admin.row import row_of

#: Keys that one step of a scan looks at: some milliseconds of Redis's time.
_SCAN_STEP: Final = 1000


class Desk:
    """Methods raise redis.exceptions.RedisError when Redis does not answer."""

    def __init__(self, redis: "Redis", limits: Limits) -> None:
        self.redis = redis
        self.limits = limits
        self._explain = redis.register_script(source("explain"))
        self._drain = redis.register_script(source("drain"))

    def explain(self, task_id: str) -> tuple[str, str] | None:
        """The task's state, and why it is there; None if there is no such task. Raises RecordError."""
        most_live = self.limits.max_live_calls
        found = self._explain(keys=[keys.PREFIX], args=[task_id, WORKER_FRESH_MS, BEAT_FRESH_MS, most_live])
        if not found:
            return None
        facts = Facts(task_id, found[2])
        return facts.state, explain(facts, most_live)

    def drain(self) -> bool:
        """Lets no call go any more; False if that was so already."""
        return bool(self._drain(keys=[keys.PREFIX], args=["drain"]) == "1")

    def resume(self) -> bool:
        """Lets calls go again; False if they did already."""
        return bool(self._drain(keys=[keys.PREFIX], args=["resume"]) == "1")

    def calls_to(self, number: str) -> Iterator[dict[str, Any]]:
        """Calls to a number, and campaigns that still have it before them. Looks through every record."""
        for task_id, fields in self._records():
            if fields.get("to") == number or (fields.get("kind") == "bulk" and self._waits_in(task_id, number)):
                yield row_of(task_id, fields)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every record as a row. Redis's SCAN may give a record twice."""
        for task_id, fields in self._records():
            yield row_of(task_id, fields)

    def _records(self) -> Iterator[tuple[str, dict[str, str]]]:
        cursor = 0
        while True:
            cursor, names = self.redis.scan(cursor, match=keys.task("*"), count=_SCAN_STEP)
            pipeline = self.redis.pipeline(transaction=False)
            for name in names:
                pipeline.hgetall(name)
            for name, fields in zip(names, pipeline.execute(), strict=True):
                if fields:
                    yield str(name).removeprefix(keys.task("")), fields
            if cursor == 0:
                return

    def _waits_in(self, campaign_id: str, number: str) -> bool:
        return self.redis.lpos(keys.numbers(campaign_id), number) is not None
