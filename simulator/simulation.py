"""The simulated account: everything the HTTP handlers act on."""

from __future__ import annotations

import asyncio
import time

from simulator.call import Call, CallError
from simulator.call_request import CallRequest
from simulator.clock import Clock
from simulator.conversation import Conversation
from simulator.dial_queue import DialQueue
from simulator.fault import FaultBook
from simulator.journal import Journal
from simulator.life import Life
from simulator.register import Register
from simulator.script import NumberBook
from simulator.settings import Settings
from simulator.status_news import StatusNews
from simulator.webhook import Webhooks


class Simulation:
    """Makes calls and lets them live; build it inside the running loop."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        self.settings = settings
        self.journal = journal
        self.clock = Clock(settings.speed)
        self.register = Register(settings.kept_calls)
        self.numbers = NumberBook(settings)
        self.faults = FaultBook(settings.seed)
        self.webhooks = Webhooks()
        self.requests_in_flight = 0
        self._queue = DialQueue(settings.calls_per_second)
        self._lives: dict[str, Life] = {}
        self._deliveries: set[asyncio.Task[None]] = set()

    def place(self, account_sid: str, auth_token: str, request: CallRequest, params: dict[str, list[str]]) -> Call:
        """Create a call and start its life; `auth_token` signs its webhooks."""
        queue_milliseconds = int(self._queue.estimated_wait_seconds() * 1000)
        call = self.register.create(account_sid, request, params, queue_milliseconds)
        script = self.numbers.script_for(request.to)
        key = self.settings.auth_token or auth_token
        conversation = Conversation(call, script, self.clock, self.webhooks, key, self._heard, self.note_error)
        news = StatusNews(call, key, self.webhooks, self.faults, self._deliveries, self.note_error)
        life = Life(call, script, self.clock, self._queue, news, conversation, self._happened)
        self._lives[call.sid] = life
        self._happened(call, "created", "")
        oldest = self.register.overflow()
        if oldest is not None and oldest.live:
            self._lives.pop(oldest.sid).forget()
            self.register.live_now -= 1
        return call

    def life_of(self, call: Call) -> Life:
        """The life of a call that has not ended."""
        return self._lives[call.sid]

    def note_error(self, call: Call, code: int, message: str, url: str) -> None:
        """Put an error into the call's notifications."""
        call.errors.append(CallError(time.time(), code, message, url))
        self.journal.write("error", call.request.to, call.request.from_, call.sid, f"{code} {message}")

    def forget_calls(self) -> None:
        """Forget calls and requests; live ones end silently, pending callbacks are not sent."""
        for life in self._lives.values():
            life.forget()
        for delivery in self._deliveries:
            delivery.cancel()
        self._lives.clear()
        self._queue.clear()
        self.register.forget()

    async def close(self) -> None:
        """End everything."""
        self.forget_calls()
        await self.webhooks.close()

    def _heard(self, call: Call, line: str) -> None:
        self.journal.write("heard", call.request.to, call.request.from_, call.sid, line)

    def _happened(self, call: Call, event: str, note: str) -> None:
        if not call.live:
            self._lives.pop(call.sid, None)
            self.register.live_now -= 1
            note = f"{call.duration_seconds} s" if call.answered_at else note
        elif call.queue_milliseconds and event == "created":
            note = f"waits about {call.queue_milliseconds} ms in the queue"
        self.journal.write(event, call.request.to, call.request.from_, call.sid, note)
