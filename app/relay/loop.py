"""
Passing Twilio's events on to the clients' URLs: in order per call, for a day, no client slowed by another, and to
public addresses only.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar
from aiohttp.abc import AbstractResolver

from app.errors import LedgerAway
from app.relay.delivery import Sender, deliver
from app.relay.lookups import WHOSE
from app.relay.shares import MOST_DELIVERIES, Shares
from app.relay.targets import Refusal, connector, not_public
from app.store.events import EventLedger
from app.telemetry import log_context
from app.telemetry.metrics import Metrics
from schemas.lua.facts import MOST_EVENT_GAP_MS
from schemas.messages import task_of
from schemas.scripts.relay import Attempt, Delivery, Parcel, Patience, Rooms

log = structlog.get_logger("app.relay.loop")

#: As long as Twilio itself gives a webhook.
DELIVERY_SECONDS: Final = 15.0
#: Another process may take over a delivery after this long.
LEASE_SECONDS: Final = DELIVERY_SECONDS + 5
#: How long an event waits for the one before it, which Twilio may deliver later.
ORDER_PATIENCE_SECONDS: Final = 3.0
GIVE_UP_AFTER_SECONDS: Final = 24 * 3600
FIRST_GAP_SECONDS: Final = 1.0
MOST_GAP_SECONDS: Final = MOST_EVENT_GAP_MS / 1000
#: How long an event that is not delivered holds back the later ones of its call.
HOLD_SECONDS: Final = 60.0
#: Gaps after a client's server declined an event; more often it is not asked.
DECLINED_GAPS_SECONDS: Final = (1.0, 5.0)
#: How often a web process looks for deliveries that became due without its doing.
LOOK_SECONDS: Final = 0.5
STOP_SECONDS: Final = 5.0
#: Between two turns: what comes meanwhile goes together, in one script.
GATHER_SECONDS: Final = 0.05


class Relay:
    """One loop a web process; what is due stands in Redis, so any process may deliver it, and none is needed."""

    def __init__(
        self,
        events: EventLedger,
        sender: Sender,
        metrics: Metrics,
        *,
        refusal: Refusal = not_public,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._events = events
        self._sender = sender
        self._metrics = metrics
        self._refusal = refusal
        self._resolver = resolver
        self._due = asyncio.Event()
        self._stopping = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._attempts: list[Attempt] = []  #: that are not recorded yet
        self._shares = Shares()

    def wake(self) -> None:
        """Looks for due deliveries now."""
        self._due.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Delivers until the end of the block; deliveries under way then have STOP_SECONDS to finish."""
        targets = connector(MOST_DELIVERIES, self._refusal, self._resolver)
        async with ClientSession(
            connector=targets,
            timeout=ClientTimeout(total=DELIVERY_SECONDS),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,  # of no answer more than its head is read
        ) as session:
            loop = asyncio.create_task(self._run(session))
            try:
                yield
            finally:
                self._stopping.set()
                self._due.set()
                await loop
                await self._finish()

    async def _run(self, session: ClientSession) -> None:
        while not self._stopping.is_set():
            self._due.clear()
            parcels = await self._turn()
            for parcel in parcels:
                self._shares.begin(parcel)
                task = asyncio.create_task(self._handle(session, parcel))
                self._under_way.add(task)
                self._metrics.relays_under_way.set(len(self._under_way))
                task.add_done_callback(self._finished)
            await _wait(self._stopping, GATHER_SECONDS)
            await _wait(self._due, LOOK_SECONDS)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._metrics.relays_under_way.set(len(self._under_way))

    async def _turn(self) -> Sequence[Parcel]:
        """Records what was done, and takes what is due, unless it is the last turn."""
        rooms = Rooms(0, 0, 0) if self._stopping.is_set() else self._shares.rooms()
        attempts = self._attempts
        if not rooms.most and not attempts:
            return []
        self._attempts = []
        patience = Patience(LEASE_SECONDS, ORDER_PATIENCE_SECONDS, HOLD_SECONDS, GIVE_UP_AFTER_SECONDS)
        try:
            turn = await self._events.relay(rooms, patience, attempts)
        except LedgerAway:
            self._attempts = attempts + self._attempts  # the next turn records them, or finds that this one did
            if attempts:
                log.warning("relay_not_recorded", attempts=len(attempts))
            return []
        for attempt, kept in zip(attempts, turn.recorded, strict=True):
            call_id = attempt.parcel.call_id
            self._metrics.relayed.labels(kept).inc()
            log_context.begin(call_id=call_id, request_id=task_of(call_id))
            log.info("event_relayed", sequence=attempt.parcel.number, outcome=kept)
        if turn.parcels:
            self._due.set()
        return turn.parcels

    async def _finish(self) -> None:
        """What is cut off here is delivered by another process, once its lease is over."""
        if self._under_way:
            _, cut_off = await asyncio.wait(self._under_way, timeout=STOP_SECONDS)
            for task in cut_off:
                task.cancel()
            await asyncio.gather(*cut_off, return_exceptions=True)
        await self._turn()

    async def _handle(self, session: ClientSession, parcel: Parcel) -> None:
        log_context.begin(call_id=parcel.call_id, request_id=task_of(parcel.call_id))
        WHOSE.set(parcel.client)
        try:
            delivery = await deliver(session, parcel, self._sender)
            self._attempts.append(Attempt(parcel, delivery, gap_seconds(parcel, delivery)))
        finally:
            self._shares.end(parcel)
            self._due.set()


async def _wait(event: asyncio.Event, most_seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(most_seconds):
            await event.wait()


def gap_seconds(parcel: Parcel, delivery: Delivery) -> float:
    """How long after this attempt the next one comes, if one does."""
    if delivery == "declined":
        return DECLINED_GAPS_SECONDS[parcel.declines]
    return min(MOST_GAP_SECONDS, FIRST_GAP_SECONDS * 2.0 ** min(parcel.failures, 20))
