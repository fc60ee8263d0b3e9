"""
Passing Twilio's events on to the clients' URLs: in order per call, for a day, no client slowed by another, and to
public addresses only.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import structlog
from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, DummyCookieJar, InvalidURL
from aiohttp.abc import AbstractResolver

from app import log_context
from app.errors import LedgerAway
from app.events import EventLedger, Parcel, Verdict
from app.metrics import Metrics
from app.signature import HEADER, sign
from app.targets import ForbiddenTarget, Refusal, connector, not_public
from schemas.masking import mask_numbers
from schemas.tasks import task_of

log = structlog.get_logger("app.relay")

#: As long as Twilio itself gives a webhook.
DELIVERY_SECONDS: Final = 15.0
#: Another process may take over a delivery after this long.
LEASE_SECONDS: Final = DELIVERY_SECONDS + 5
#: How long an event waits for the one before it, which Twilio may deliver later.
ORDER_PATIENCE_SECONDS: Final = 3.0
GIVE_UP_AFTER_SECONDS: Final = 24 * 3600
FIRST_GAP_SECONDS: Final = 1.0
MOST_GAP_SECONDS: Final = 900.0
#: Deliveries under way at once, in all and to one host: a slow host fills its own share only.
MOST_DELIVERIES: Final = 200
MOST_DELIVERIES_TO_ONE_HOST: Final = 20
#: How often a web process looks for deliveries that became due without its doing.
LOOK_SECONDS: Final = 0.5
STOP_SECONDS: Final = 5.0
_SUCCESS: Final = range(200, 300)


class Relay:
    """One loop a web process; what is due stands in Redis, so any process may deliver it, and none is needed."""

    def __init__(
        self,
        events: EventLedger,
        auth_token: str,
        metrics: Metrics,
        *,
        refusal: Refusal = not_public,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._events = events
        self._auth_token = auth_token
        self._metrics = metrics
        self._refusal = refusal
        self._resolver = resolver
        self._due = asyncio.Event()
        self._stopping = False
        self._under_way: set[asyncio.Task[None]] = set()
        self._to_host: Counter[str] = Counter()

    def wake(self) -> None:
        """Looks for due deliveries now."""
        self._due.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Delivers until the end of the block; deliveries under way then have STOP_SECONDS to finish."""
        targets = connector(MOST_DELIVERIES, self._refusal, self._resolver)
        timeout = ClientTimeout(total=DELIVERY_SECONDS)
        async with ClientSession(connector=targets, timeout=timeout, cookie_jar=DummyCookieJar()) as session:
            loop = asyncio.create_task(self._run(session))
            try:
                yield
            finally:
                self._stopping = True
                self._due.set()
                await loop
                await self._finish()

    async def _run(self, session: ClientSession) -> None:
        while not self._stopping:
            self._due.clear()
            parcels = await self._take()
            for parcel in parcels:
                task = asyncio.create_task(self._handle(session, parcel))
                self._under_way.add(task)
                self._metrics.relays_under_way.set(len(self._under_way))
                task.add_done_callback(self._finished)
            if not parcels and not self._stopping:
                await self._wait()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._metrics.relays_under_way.set(len(self._under_way))

    async def _take(self) -> list[Parcel]:
        free = MOST_DELIVERIES - len(self._under_way)
        if not free:
            return []
        try:
            return await self._events.take_parcels(free, LEASE_SECONDS, ORDER_PATIENCE_SECONDS)
        except LedgerAway:
            return []

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._due.wait()
        except TimeoutError:
            return

    async def _finish(self) -> None:
        """What is cut off here is delivered by another process, once its lease is over."""
        if self._under_way:
            _, cut_off = await asyncio.wait(self._under_way, timeout=STOP_SECONDS)
            for task in cut_off:
                task.cancel()
            await asyncio.gather(*cut_off, return_exceptions=True)

    async def _handle(self, session: ClientSession, parcel: Parcel) -> None:
        log_context.begin(call_id=parcel.call_id, request_id=task_of(parcel.call_id))
        host = urlsplit(parcel.url).netloc.rpartition("@")[2].lower()
        try:
            if self._to_host[host] >= MOST_DELIVERIES_TO_ONE_HOST:
                await self._events.finish_parcel(parcel, "later", LOOK_SECONDS, GIVE_UP_AFTER_SECONDS)
                return
            self._to_host[host] += 1
            try:
                verdict = await self._deliver(session, parcel)
            finally:
                self._to_host[host] -= 1
            gap_seconds = min(MOST_GAP_SECONDS, FIRST_GAP_SECONDS * 2 ** min(parcel.tries, 20))
            kept = await self._events.finish_parcel(parcel, verdict, gap_seconds, GIVE_UP_AFTER_SECONDS)
            self._metrics.relayed.labels(kept).inc()
            log.info("event_relayed", sequence=parcel.sequence, outcome=kept)
            self._due.set()
        except LedgerAway:
            log.warning("relay_not_recorded")

    async def _deliver(self, session: ClientSession, parcel: Parcel) -> Verdict:
        fields = parse_qsl(parcel.body, keep_blank_values=True)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "celery-twilio-api",
            HEADER: sign(parcel.url, fields, self._auth_token),
        }
        body = parcel.body.encode()
        try:
            async with session.post(parcel.url, data=body, headers=headers, allow_redirects=False) as answer:
                return "delivered" if answer.status in _SUCCESS else "failed"
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            refusal = _refusal(error)
            host = mask_numbers(urlsplit(parcel.url).hostname or "")
            reason = refusal or type(error).__name__
            log.info("event_not_delivered", host=host, reason=reason)
            return "refused" if refusal else "failed"


def _refusal(error: Exception) -> str | None:
    """Why another attempt would be refused too; None for what may pass."""
    if isinstance(error, InvalidURL):
        return "malformed URL"
    if isinstance(error, ClientConnectorError) and isinstance(error.os_error, ForbiddenTarget):
        return str(error.os_error)
    return None
