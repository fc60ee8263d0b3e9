"""One call's life, from the queue to its end."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

from simulator.calls.call import CANCELED, COMPLETED, IN_PROGRESS, RINGING, Call
from simulator.calls.clock import Clock
from simulator.calls.dial_queue import DialQueue
from simulator.calls.script import NO_ANSWER, UNREACHED
from simulator.form.detection import Detection
from simulator.form.parameter import Document
from simulator.line.conversation import Conversation
from simulator.line.verdict import Verdict, verdict
from simulator.webhooks.status_news import StatusNews

LONGEST_QUEUE_SECONDS = 24 * 3600
SETUP_SECONDS = 0.1
CANCELED_SIP_RESPONSE_CODE = 487

OnEvent = Callable[[Call, str, str], None]


class Life:
    """
    Lets one call live in a task of its own; `end`, `redirect` and `limit` come from the REST API.

    A call of an earlier run goes on from where it was; only what was being said is not said again.
    """

    def __init__(
        self,
        call: Call,
        clock: Clock,
        queue: DialQueue,
        news: StatusNews,
        conversation: Conversation,
        on_event: OnEvent,
    ) -> None:
        self._call = call
        self._clock = clock
        self._queue = queue
        self._news = news
        self._conversation = conversation
        self._on_event = on_event
        self._speaking: asyncio.Task[None] | None = None
        self._detecting: asyncio.Task[None] | None = None
        self._limit: asyncio.Timeout | None = None
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
        self._call.document_read = True
        self._speaking = asyncio.get_running_loop().create_task(self._conversation.run(document))

    def limit(self, seconds: int) -> None:
        """End it so long after its answer, at once if that is over."""
        self._call.time_limit_seconds = seconds
        if self._limit is not None:
            self._limit.reschedule(self._limit_at())

    def forget(self) -> None:
        """End without a word to anybody."""
        self._task.cancel()
        self._stop_talking()

    async def _run(self) -> None:
        if self._call.dialled_at is None and not await self._dial():
            return
        if self._call.answered_at is None and not await self._ring():
            return
        await self._talk()

    async def _dial(self) -> bool:
        """Wait for its turn; whether it came."""
        try:
            async with asyncio.timeout(self._clock.wall_seconds(LONGEST_QUEUE_SECONDS)):
                await self._queue.turn()
        except TimeoutError:
            self._finish(CANCELED)
            return False
        self._call.dialled_at = time.time()
        self._note("initiated", "initiated")
        await self._clock.sleep(SETUP_SECONDS)
        return True

    async def _ring(self) -> bool:
        """Ring, if the callee's end does; whether somebody answers."""
        call, script = self._call, self._call.script
        if call.rings_since is None:
            call.rings_since = time.time()
            if script.rings:
                reason = call.request.call_reason
                self._set_status(RINGING)
                self._note("ringing", RINGING, f"shows {reason}" if reason else "")
        limit_seconds = call.request.ring_limit_seconds if script.rings else float("inf")
        unanswered = script.outcome == NO_ANSWER or script.ring_seconds > limit_seconds
        seconds = limit_seconds if unanswered else script.ring_seconds
        await self._clock.sleep(max(0.0, seconds - self._own_seconds_since(call.rings_since)))
        if unanswered:
            call.sip_response_code = script.sip_response_code if script.outcome == NO_ANSWER else 487
            self._finish(NO_ANSWER)
        elif script.outcome in UNREACHED:
            call.sip_response_code = script.sip_response_code
            self._finish(script.outcome)
        return call.live

    async def _talk(self) -> None:
        call = self._call
        if call.answered_at is None:
            self._answer()
        try:
            async with asyncio.timeout_at(self._limit_at()) as self._limit:
                if call.script.talk_seconds is None:
                    await self._open_conversation()
                    await self._until_silence()
                else:
                    self._detecting = asyncio.get_running_loop().create_task(self._open_conversation())
                    await self._clock.sleep(max(0.0, call.script.talk_seconds - self._talked_seconds()))
        except TimeoutError:
            self._on_event(call, "time limit", "ended by TimeLimit (Twilio 32015)")
        finally:
            self._limit = None
        self._finish(COMPLETED)

    def _answer(self) -> None:
        call = self._call
        call.answered_at = time.time()
        call.sip_response_code = call.script.sip_response_code
        self._set_status(IN_PROGRESS)
        if call.request.recording is not None:
            call.recording_sid = f"RE{secrets.token_hex(16)}"
        self._note("answered", IN_PROGRESS)
        self._news.tell_recording("in-progress")

    def _own_seconds_since(self, moment: float) -> float:
        return self._clock.own_seconds(time.time() - moment)

    def _talked_seconds(self) -> float:
        return 0.0 if self._call.answered_at is None else self._own_seconds_since(self._call.answered_at)

    def _limit_at(self) -> float:
        left_seconds = self._call.time_limit_seconds - self._talked_seconds()
        return asyncio.get_running_loop().time() + self._clock.wall_seconds(left_seconds)

    async def _open_conversation(self) -> None:
        """Press what is to be pressed, detect who answered, if asked to, and start the TwiML: after the detection, or
        with AsyncAmd at once."""
        if self._call.document_read:
            return
        await self._conversation.send_digits()
        request = self._call.request
        detection = request.detection
        if detection is not None and not detection.asynchronous:
            await self._detect(detection)
        if self._speaking is None:
            self.redirect(request.document)
        if detection is not None and detection.asynchronous:
            found = await self._detect(detection)
            self._news.tell_machine_detection(detection.callback, int(found.seconds * 1000))

    async def _detect(self, detection: Detection) -> Verdict:
        found = verdict(self._call.script, detection)
        await self._clock.sleep(found.seconds)
        self._call.answered_by = found.answered_by
        self._on_event(self._call, "detected", found.answered_by)
        return found

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

    def _note(self, event: str, callback_status: str, shown: str = "") -> None:
        self._on_event(self._call, event, shown)
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
        if call.recording_sid:
            self._news.tell_recording("completed" if call.duration_seconds else "absent")
