"""One call's life, from the queue to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from simulator.call import (
    BUSY,
    CANCELED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    NO_ANSWER,
    RINGING,
    Call,
)
from simulator.call_request import Document
from simulator.clock import Clock
from simulator.conversation import Conversation
from simulator.dial_queue import DialQueue
from simulator.script import MACHINE, Script
from simulator.status_news import StatusNews

LONGEST_QUEUE_SECONDS = 24 * 3600
SETUP_SECONDS = 0.1
DETECTION_SECONDS = {"human": 1.0, "machine_start": 2.0, "machine_end_beep": 4.0}
CANCELED_SIP_RESPONSE_CODE = 487

OnEvent = Callable[[Call, str, str], None]


class Life:
    """Lets one call live in a task of its own; `end` and `redirect` come from the REST API."""

    def __init__(
        self,
        call: Call,
        script: Script,
        clock: Clock,
        queue: DialQueue,
        news: StatusNews,
        conversation: Conversation,
        on_event: OnEvent,
    ) -> None:
        self._call = call
        self._script = script
        self._clock = clock
        self._queue = queue
        self._news = news
        self._conversation = conversation
        self._on_event = on_event
        self._speaking: asyncio.Task[None] | None = None
        self._detecting: asyncio.Task[None] | None = None
        self._task = asyncio.get_running_loop().create_task(self._run())

    def end(self) -> None:
        """Hang up because the API says so; a call not yet answered is canceled."""
        self._task.cancel()
        if self._call.status == IN_PROGRESS:
            self._finish(COMPLETED)
        else:
            self._call.sip_response_code = CANCELED_SIP_RESPONSE_CODE
            self._finish(CANCELED)

    def redirect(self, document: Document) -> None:
        """Go on with other TwiML."""
        if self._speaking is not None:
            self._speaking.cancel()
        self._speaking = asyncio.get_running_loop().create_task(self._conversation.run(document))

    def forget(self) -> None:
        """End without a word to anybody."""
        self._task.cancel()
        self._stop_talking()

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(self._clock.wall_seconds(LONGEST_QUEUE_SECONDS)):
                await self._queue.turn()
        except TimeoutError:
            self._finish(CANCELED)
            return
        call, script = self._call, self._script
        call.dialled_at = time.time()
        self._note("initiated", "initiated")
        await self._clock.sleep(SETUP_SECONDS)
        if script.outcome in (BUSY, FAILED):
            await self._clock.sleep(script.ring_seconds)
            call.sip_response_code = script.sip_response_code
            self._finish(script.outcome)
            return
        self._set_status(RINGING)
        self._note("ringing", RINGING)
        ring_limit_seconds = call.request.ring_limit_seconds
        if script.outcome == NO_ANSWER or script.ring_seconds > ring_limit_seconds:
            await self._clock.sleep(ring_limit_seconds)
            unanswered = script.outcome == NO_ANSWER
            call.sip_response_code = script.sip_response_code if unanswered else 487
            self._finish(NO_ANSWER)
            return
        await self._clock.sleep(script.ring_seconds)
        await self._talk()

    async def _talk(self) -> None:
        call, request = self._call, self._call.request
        call.answered_at = time.time()
        call.sip_response_code = self._script.sip_response_code
        self._set_status(IN_PROGRESS)
        self._note("answered", IN_PROGRESS)
        limit = self._clock.wall_seconds(request.time_limit_seconds)
        try:
            async with asyncio.timeout(limit):
                if self._script.talk_seconds is None:
                    await self._open_conversation()
                    await self._until_silence()
                else:
                    opening = asyncio.get_running_loop().create_task(self._open_conversation())
                    self._detecting = opening
                    await self._clock.sleep(self._script.talk_seconds)
        except TimeoutError:
            self._on_event(call, "time limit", "ended by TimeLimit (Twilio 32015)")
        self._finish(COMPLETED)

    async def _open_conversation(self) -> None:
        """Detect who answered, if asked to, and start the TwiML: after the detection, or with
        AsyncAmd at once."""
        request = self._call.request
        if request.machine_detection and not request.async_amd:
            await self._detect()
        if self._speaking is None:
            self.redirect(request.document)
        if request.machine_detection and request.async_amd:
            detection_seconds = await self._detect()
            self._news.tell_machine_detection(int(detection_seconds * 1000))

    async def _detect(self) -> float:
        answered_by = "human"
        if self._script.outcome == MACHINE:
            at_end = self._call.request.machine_detection == "DetectMessageEnd"
            answered_by = "machine_end_beep" if at_end else "machine_start"
        await self._clock.sleep(DETECTION_SECONDS[answered_by])
        self._call.answered_by = answered_by
        self._on_event(self._call, "detected", answered_by)
        return DETECTION_SECONDS[answered_by]

    async def _until_silence(self) -> None:
        heard: asyncio.Task[None] | None = None
        while self._speaking is not None and self._speaking is not heard:
            heard = self._speaking
            await asyncio.wait({heard})

    def _stop_talking(self) -> None:
        for task in (self._detecting, self._speaking):
            if task is not None:
                task.cancel()

    def _set_status(self, status: str) -> None:
        self._call.status = status
        self._call.updated_at = time.time()

    def _note(self, event: str, callback_status: str) -> None:
        self._on_event(self._call, event, "")
        self._news.tell(event, callback_status)

    def _finish(self, status: str) -> None:
        call = self._call
        if not call.live:
            return
        self._stop_talking()
        self._set_status(status)
        call.ended_at = call.updated_at
        if call.answered_at is not None:
            own_seconds = self._clock.own_seconds(call.ended_at - call.answered_at)
            call.duration_seconds = max(0, round(own_seconds))
        self._on_event(call, status, "")
        self._news.tell("completed", status)
