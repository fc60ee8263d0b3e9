"""The web tier's way to the records of tasks in Redis."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, cast

from app.errors import LedgerAway
from app.store import Store, in_time
from schemas import keys
from schemas.pulses import BEAT_FRESH_MS, WORKER_FRESH_MS
from schemas.records import TaskRecord, read_task
from schemas.states import CallState
from schemas.waiting import Facts

#: A script that Redis runs later than this after it was sent changes nothing: see accept.lua. The rest of
#: app.pipeline.ANSWER_SECONDS is for the answer's way back, so that no client is told 503 about an accepted call.
RUN_SECONDS: Final = 1.0

#: For a command that a request sends after another one: together they stay below the contract's two seconds.
SECOND_SECONDS: Final = 0.3

#: How long a cancel waits for requests that may just be leaving. Twilio takes a fraction of a second.
LEAVING_SECONDS: Final = 2.5


class NewTask(NamedTuple):
    """A task as it goes into the ledger."""

    id: str
    fields: dict[str, str]
    numbers: Sequence[str] = ()
    due_ms: int | None = None  #: milliseconds since 1970; None: now plus `delay_ms`
    delay_ms: int = 0
    pace_interval_us: int = 0  #: of the single pace, for the estimate; 0 for a campaign
    key_digest: str = ""
    fingerprint: str = ""


class Acceptance(NamedTuple):
    """What became of a NewTask."""

    verdict: Literal["accepted", "replayed", "mismatch", "late", "past", "full"]
    task_id: str
    created_ms: int
    start_ms: (
        int  #: earliest instant at which it may be placed, as far as is known; if `full`, when the next day begins
    )
    wake: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """Who is alive, and how much waits."""

    workers: int
    beats: int
    queue_depth: int
    halted: str = ""  #: why Twilio refuses the account; '' if it does not
    drained: bool = False  #: the operator lets no call go


@dataclass(frozen=True, slots=True)
class Figures:
    """What Redis holds, for /metrics. A campaign that waits counts as one."""

    waiting_due: int
    waiting_later: int
    live: int
    next_slot_seconds: float
    relay_backlog: int
    workers: int
    beats: int
    halted: bool


@dataclass(slots=True)
class _RedisClock:
    """Redis's time, as of the newest answer, carried on by our monotonic clock."""

    offset_us: float | None = field(default=None)

    def observe(self, redis_us: int) -> None:
        self.offset_us = redis_us - time.monotonic() * 1e6

    def at_us(self, monotonic: float) -> int:
        return 0 if self.offset_us is None else round(monotonic * 1e6 + self.offset_us)


class Ledger:
    """Records of calls and campaigns. Every method raises LedgerAway when Redis does not answer in time."""

    def __init__(self, store: Store, retention_days: int, most_calls_per_day: int = 0) -> None:
        self._store = store
        self._retention_ms = retention_days * 86_400_000
        self._most_calls_per_day = most_calls_per_day
        self._clock = _RedisClock()

    async def accept(self, task: NewTask) -> Acceptance:
        """Makes the task durable. Running it twice with the same id accepts it once."""
        run_until = time.monotonic() + RUN_SECONDS
        if self._clock.offset_us is not None:
            return await self._accept(task, run_until)
        async with in_time():
            seconds, microseconds = await self._store.ask("TIME")
            self._clock.observe(int(seconds) * 1_000_000 + int(microseconds))
            return await self._accept(task, run_until)

    async def _accept(self, task: NewTask, run_until: float) -> Acceptance:
        pairs = [item for pair in task.fields.items() for item in pair]
        (verdict, task_id, created_ms, start_ms, wake), confirmed = await self._store.run_confirmed(
            "accept",
            task.id,
            self._clock.at_us(run_until),
            task.key_digest,
            task.fingerprint,
            "" if task.due_ms is None else task.due_ms,
            task.delay_ms,
            task.pace_interval_us,
            self._most_calls_per_day,
            len(pairs),
            *pairs,
            *task.numbers,
        )
        if verdict in {"accepted", "late", "past", "full"}:
            self._clock.observe(int(created_ms) * 1000)
        if verdict == "late":
            raise LedgerAway
        if not confirmed and verdict in {"accepted", "replayed"}:
            if verdict == "accepted":
                await self._store.run("take_back", task_id)
            raise LedgerAway
        return Acceptance(verdict, task_id, int(created_ms), int(start_ms), wake == "1")

    async def find(self, task_id: str) -> TaskRecord | None:
        """The task with this id, if there is one."""
        fields = _fields(await self._store.ask("HGETALL", keys.task(task_id)))
        if campaign_id := fields.get("bulk"):
            async with in_time(SECOND_SECONDS):
                fields |= _shared(await self._store.ask("HMGET", keys.task(campaign_id), "from", "metadata"))
        return read_task(task_id, fields)

    async def explained(self, task_id: str, max_live_calls: int) -> tuple[TaskRecord, Facts] | None:
        """The task with this id, if there is one, and what decides when it may go."""
        found = await self._store.run("explain", task_id, WORKER_FRESH_MS, BEAT_FRESH_MS, max_live_calls)
        if not found:
            return None
        flat, shared, facts = found
        fields = _fields(flat)
        if shared:
            fields |= _shared(shared)
        task = read_task(task_id, fields)
        return None if task is None else (task, Facts(task_id, facts))

    async def traceparent(self, task_id: str) -> str:
        """Where the trace of a task goes on, if its client began it."""
        return cast("str | None", await self._store.ask("HGET", keys.task(task_id), "trace")) or ""

    async def cancel(self, task_id: str) -> bool:
        """Whether the task was still going on. After True no further call of it is placed."""
        verdict, *leaving = await self._store.run("cancel", task_id, "cancelled", "", self._retention_ms)
        if leaving:
            await self._wait_until_left(leaving)
        return bool(verdict == "done")

    async def forget(self, task_id: str, sid_seconds: float) -> Literal["forgotten", "going on", "gone"]:
        """Removes what is kept of a finished task; its calls' SIDs stay taken for a while, lest others get them."""
        verdict = await self._store.run("forget", task_id, round(sid_seconds * 1000))
        return cast('Literal["forgotten", "going on", "gone"]', verdict)

    async def pulse(self) -> Pulse:
        """Figures for /health."""
        workers, beats, depth, halted, drained = await self._store.run("health", WORKER_FRESH_MS, BEAT_FRESH_MS)
        return Pulse(int(workers), int(beats), int(depth), halted, drained == "1")

    async def figures(self) -> Figures:
        """Figures for /metrics."""
        due, later, live, next_us, relays, workers, beats, halted = await self._store.run(
            "figures", WORKER_FRESH_MS, BEAT_FRESH_MS
        )
        return Figures(due, later, live, int(next_us) / 1e6, relays, workers, beats, halted == 1)

    async def ping(self) -> None:
        """Returns if Redis answers."""
        await self._store.ask("PING")

    async def _wait_until_left(self, call_ids: Sequence[str]) -> None:
        """A call that was `dialling` when cancelled has its request on the way: wait until Twilio answered it."""
        deadline = time.monotonic() + LEAVING_SECONDS
        waiting = list(call_ids)
        while waiting and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            states = await asyncio.gather(*(self._store.ask("HGET", keys.task(one), "state") for one in waiting))
            waiting = [call for call, state in zip(waiting, states, strict=True) if state == CallState.DIALLING]


def _fields(flat: list[str]) -> dict[str, str]:
    """A hash, as Redis lists it."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _shared(values: list[str | None]) -> dict[str, str]:
    """What a campaign's record holds for each of its calls."""
    return {name: value for name, value in zip(("from", "metadata"), values, strict=False) if value}
