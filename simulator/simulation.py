"""The simulated account: everything the HTTP handlers act on."""

from __future__ import annotations

import asyncio
import time

from simulator.calls.archive import Archive
from simulator.calls.call import Call, CallError
from simulator.calls.clock import Clock
from simulator.calls.dial_queue import DialQueue
from simulator.calls.register import Register
from simulator.form.call_request import CallRequest
from simulator.journal import Journal
from simulator.line.conversation import Conversation
from simulator.line.life import Life
from simulator.network.doorway import Doorways
from simulator.orders.fault_book import FaultBook
from simulator.orders.script import NumberBook
from simulator.settings import Settings
from simulator.webhooks.signature import Signer
from simulator.webhooks.status_news import StatusNews
from simulator.webhooks.webhook import Webhooks


class Simulation:
    """Makes calls and lets them live, those of an earlier run too; build it inside the running loop."""

    def __init__(self, settings: Settings, journal: Journal, archive: Archive | None = None) -> None:
        self.settings = settings
        self.journal = journal
        self.clock = Clock(settings.speed)
        self.register = Register(settings.kept_calls)
        self.numbers = NumberBook(settings)
        self.faults = FaultBook(settings.seed)
        self.doorways = Doorways()
        self.webhooks = Webhooks()
        self.requests_in_flight = 0
        self._queue = DialQueue(settings.calls_per_second)
        self._lives: dict[str, Life] = {}
        self._deliveries: set[asyncio.Task[None]] = set()
        self._archive = archive
        self._changed: dict[str, Call] = {}
        for call in archive.kept() if archive else ():
            self._resume(call)

    def place(self, account_sid: str, auth_token: str, request: CallRequest, params: dict[str, list[str]]) -> Call:
        """Create a call and start its life; `auth_token` signs its webhooks."""
        queue_milliseconds = int(self._queue.estimated_wait_seconds() * 1000)
        script = self.numbers.script_for(request.to)
        call = self.register.create(account_sid, auth_token, request, params, script, queue_milliseconds)
        self._lives[call.sid] = self._live(call, self._news_of(call))
        self._happened(call, "created", "")
        self._drop_overflow()
        self._write()  # before anybody hears of it
        return call

    def changed(self, call: Call) -> None:
        """Write the call as it stands, before anything else goes out."""
        if self._archive is None:
            return
        if not self._changed:
            asyncio.get_running_loop().call_soon(self._write)
        self._changed[call.sid] = call

    def life_of(self, call: Call) -> Life:
        """The life of a call that has not ended."""
        return self._lives[call.sid]

    def note_error(self, call: Call, code: int, message: str, url: str) -> None:
        """Put an error into the call's notifications."""
        call.errors.append(CallError(time.time(), code, message, url))
        self.changed(call)
        self.journal.write("error", call.request.to, call.request.from_, call.sid, f"{code} {message}")

    def forget_calls(self) -> None:
        """Forget calls and requests; live ones end silently, pending callbacks are not sent."""
        self._still()
        self._changed.clear()
        if self._archive is not None:
            self._archive.drop_all()
        self.register.forget()

    async def close(self) -> None:
        """End everything; what is archived goes on in the next run."""
        self._write()
        self._still()
        await self.webhooks.close()
        if self._archive is not None:
            self._archive.close()
            self._archive = None

    def _still(self) -> None:
        for life in self._lives.values():
            life.forget()
        for delivery in self._deliveries:
            delivery.cancel()
        self._lives.clear()
        self._queue.clear()

    def _resume(self, call: Call) -> None:
        self.register.restore(call)
        news = self._news_of(call)
        news.resume()
        if call.live:
            self._lives[call.sid] = self._live(call, news)

    def _news_of(self, call: Call) -> StatusNews:
        signer, deliveries = self._signer_of(call), self._deliveries
        return StatusNews(call, signer, self.webhooks, self.faults, deliveries, self.note_error, self.changed)

    def _live(self, call: Call, news: StatusNews) -> Life:
        signer = self._signer_of(call)
        conversation = Conversation(call, self.clock, self.webhooks, signer, self._heard, self.note_error)
        return Life(call, self.clock, self._queue, news, conversation, self._happened)

    def _signer_of(self, call: Call) -> Signer:
        return Signer(self.settings.auth_token or call.auth_token, self.settings.shared_key)

    def _drop_overflow(self) -> None:
        oldest = self.register.overflow()
        if oldest is None:
            return
        if oldest.live:
            self._lives.pop(oldest.sid).forget()
            self.register.live_now -= 1
        self._changed.pop(oldest.sid, None)
        if self._archive is not None:
            self._archive.drop(oldest)

    def _write(self) -> None:
        if self._archive is not None and self._changed:
            self._archive.keep(self._changed.values())
        self._changed.clear()

    def _heard(self, call: Call, line: str) -> None:
        self.changed(call)
        self.journal.write("heard", call.request.to, call.request.from_, call.sid, line)

    def _happened(self, call: Call, event: str, note: str) -> None:
        self.changed(call)
        if not call.live:
            self._lives.pop(call.sid, None)
            self.register.live_now -= 1
            note = f"{call.duration_seconds} s" if call.answered_at else note
        elif call.queue_milliseconds and event == "created":
            note = f"waits about {call.queue_milliseconds} ms in the queue"
        self.journal.write(event, call.request.to, call.request.from_, call.sid, note)
