"""The web tier's way to the records of tasks in Redis."""

import json
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Final, cast
from uuid import uuid4

from app.errors import LedgerAway
from app.store.client import SECOND_SECONDS, Store, in_time
from app.store.leaving import wait_until_left
from app.store.replication import UNCONFIRMED
from app.store.undoing import Undoing
from schemas import keys
from schemas.lua.script import Script, paired
from schemas.options.recorded import OPTION_FIELDS
from schemas.records import TaskRecord, read_task
from schemas.scripts.accept import Acceptance, NewTask, accept, take_back
from schemas.scripts.cancel import START, Cancellation, Forgetting, cancel, forget, forget_number
from schemas.scripts.gauges import Condition, Figures, figures, health
from schemas.scripts.holds import drain, resume

#: A script that Redis runs later than this after it was sent changes nothing: see accept.lua. The rest of
#: app.store.pipeline.ANSWER_SECONDS is for the answer's way back, so that no client is told 503 about an accepted call.
RUN_SECONDS: Final = 1.0

#: What a campaign holds for each of its calls, and the web tier has a use for.
_SHARED: Final = ("from", "metadata", *OPTION_FIELDS)


@dataclass(slots=True)
class _RedisClock:
    """Redis's time, as of the newest answer, carried on by our monotonic clock."""

    offset_us: float | None = field(default=None)

    @property
    def is_set(self) -> bool:
        return self.offset_us is not None

    def observe(self, redis_us: int) -> None:
        self.offset_us = redis_us - time.monotonic() * 1e6

    def at_us(self, monotonic: float) -> int:
        return 0 if self.offset_us is None else round(monotonic * 1e6 + self.offset_us)


class Ledger:
    """Records of calls and campaigns. Every method raises LedgerAway when Redis does not answer in time."""

    def __init__(self, store: Store, retention_days: int, most_calls_per_day: int = 0, most_waiting: int = 0) -> None:
        self._store = store
        self._retention_days = retention_days
        self._most_calls_per_day = most_calls_per_day
        self._most_waiting = most_waiting  #: numbers of one client
        self._clock = _RedisClock()
        self._undoing = Undoing(store)

    def accept(self, task: NewTask) -> Awaitable[Acceptance]:
        """Makes the task durable. Running it twice with the same id accepts it once."""
        run_until = time.monotonic() + RUN_SECONDS
        return self._accept(task, run_until) if self._clock.is_set else self._accept_first(task, run_until)

    async def _accept_first(self, task: NewTask, run_until: float) -> Acceptance:
        async with in_time():
            seconds, microseconds = await self._store.ask("TIME")
            self._clock.observe(int(seconds) * 1_000_000 + int(microseconds))
            return await self._accept(task, run_until)

    async def _accept(self, task: NewTask, run_until: float) -> Acceptance:
        script = accept(task, self._clock.at_us(run_until), self._most_calls_per_day, self._most_waiting)
        try:
            acceptance, replicated = await self._store.run_replicated(script)
        except LedgerAway:
            self._undoing.begin(task.id, take_back(task.id))  # Redis may run it yet, or have done so
            raise
        verdict = acceptance.verdict
        if verdict in {"accepted", "late", "past", "full", "crowded", "barred"}:
            self._clock.observe(acceptance.created_ms * 1000)
        if verdict == "late":
            raise LedgerAway
        if not replicated and verdict in {"accepted", "replayed"}:
            if verdict == "accepted":
                self._undoing.begin(task.id, take_back(task.id))
            raise LedgerAway
        return acceptance

    async def would_accept(self, task: NewTask) -> Acceptance:
        """What `accept` would do; nothing is written."""
        script = accept(task._replace(dry=True), 0, self._most_calls_per_day, self._most_waiting)
        return (await self._store.run(script))._replace(task_id="")

    async def find(self, task_id: str) -> TaskRecord | None:
        """The task with this id, if there is one."""
        fields = paired(await self._store.ask("HGETALL", keys.task(task_id)))
        if campaign_id := fields.get("bulk"):
            async with in_time(SECOND_SECONDS):
                fields = _shared(await self._store.ask("HMGET", keys.task(campaign_id), *_SHARED)) | fields
        return read_task(task_id, fields)

    async def owner(self, task_id: str) -> str:
        """Name of the API key that the task came with, a campaign's for its calls; '' without one."""
        client, campaign_id = await self._store.ask("HMGET", keys.task(task_id), "client", "bulk")
        if client is None and campaign_id is None:
            campaign_id, _, _ = task_id.rpartition("-")  # it may be a row that never began, which has no record
        if campaign_id and not client:
            async with in_time(SECOND_SECONDS):
                client = await self._store.ask("HGET", keys.task(campaign_id), "client")
        return cast("str | None", client) or ""

    async def from_numbers(self, task_id: str) -> list[str]:
        """The numbers that the task's calls come from."""
        one, several = await self._store.ask("HMGET", keys.task(task_id), "from", "from_numbers")
        return list(json.loads(several)) if several else [one] if one else []

    async def is_answered(self, key_digest: str) -> bool:
        """Whether a request with this Idempotency-Key was accepted."""
        return bool(await self._store.ask("EXISTS", keys.answer(key_digest)))

    async def traceparent(self, task_id: str) -> str:
        """Where the trace of a task goes on, if its client began it."""
        return cast("str | None", await self._store.ask("HGET", keys.task(task_id), "trace")) or ""

    async def cancel(self, task_id: str, by: str = "") -> Cancellation:
        """Cancels it. Once it is done, now or by an earlier cancel, no request for it leaves, whatever dies."""
        cancellation, replicated = await self._store.run_replicated(cancel(task_id, self._retention_days, by))
        if cancellation.done and not replicated:
            raise LedgerAway(UNCONFIRMED)
        await wait_until_left(self._store, cancellation.leaving)
        return cancellation

    async def forget(self, task_id: str, sid_seconds: float) -> Forgetting:
        """Removes what is kept of a finished task; its calls' SIDs stay taken for a while, lest others get them."""
        claim = uuid4().hex
        while True:
            verdict, replicated = await self._store.run_replicated(forget(task_id, sid_seconds, claim))
            if verdict != "going on" and not replicated:
                raise LedgerAway(UNCONFIRMED)  # also of one that is gone: it may be by an earlier run
            if verdict != "more":
                return verdict

    async def drain(self) -> bool:
        """Lets no call go any more; False if that was so already."""
        return await self._confirmed(drain())

    async def undrain(self) -> bool:
        """Lets calls go again; False if they did already."""
        return await self._confirmed(resume())

    async def _confirmed(self, script: Script[bool]) -> bool:
        changed, replicated = await self._store.run_replicated(script)
        if not replicated:
            raise LedgerAway(UNCONFIRMED)
        return changed

    async def forget_number(self, job_id: str, number: str, whose: str) -> bool:
        """Begins to remove every trace of a number from these tasks; False, and nothing begins, while it is called."""
        cursor: str | None = None
        while cursor != START:
            script = forget_number(job_id, number, whose, self._retention_days, cursor or START)
            (begun, cursor), replicated = await self._store.run_replicated(script)
        if begun and not replicated:
            raise LedgerAway(UNCONFIRMED)
        return begun

    async def forgetting(self, job_id: str) -> dict[str, str]:
        """What is known of a job that forgets a number; empty if there is none."""
        return paired(await self._store.ask("HGETALL", keys.forget_job(job_id)))

    async def condition(self, client: str | None = None) -> Condition:
        """For /health; what waits is one client's, or everybody's for None."""
        return await self._store.run(health(client))

    async def figures(self) -> Figures:
        """For /metrics."""
        return await self._store.run(figures())

    async def close(self) -> None:
        """Ends what goes on in the background."""
        await self._undoing.close()

    async def ping(self) -> None:
        """Returns if Redis answers."""
        await self._store.ask("PING")


def _shared(values: list[str | None]) -> dict[str, str]:
    """What a campaign's record holds for each of its calls."""
    return {name: value for name, value in zip(_SHARED, values, strict=True) if value}
