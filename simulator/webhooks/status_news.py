"""The status callbacks of one call: which are sent, in which order, with which faults."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Coroutine

from simulator.calls.call import Call, CallbackRecord
from simulator.form.parameter import Document
from simulator.orders.fault_book import FaultBook
from simulator.webhooks.call_fields import Fields, recording_fields, status_fields
from simulator.webhooks.signature import Signer
from simulator.webhooks.webhook import Webhooks

# One event waits for the answer to the one before, but no longer: Twilio's events are requests of
# their own, and a slow receiver does not hold them back for ever.
PATIENCE_SECONDS = 2.0


class StatusNews:
    """Sends the subscribed events of one call."""

    def __init__(
        self,
        call: Call,
        signer: Signer,
        webhooks: Webhooks,
        faults: FaultBook,
        deliveries: set[asyncio.Task[None]],
        on_error: Callable[[Call, int, str, str], None],
        on_delivered: Callable[[Call], None],
    ) -> None:
        self._call = call
        self._signer = signer
        self._webhooks = webhooks
        self._faults = faults
        self._sent = sum(record.sequence_number is not None for record in call.callbacks)
        self._previous: asyncio.Event | None = None
        self._follower: asyncio.Future[asyncio.Event] | None = None
        self._deliveries = deliveries
        self._on_error = on_error
        self._on_delivered = on_delivered

    def resume(self) -> None:
        """Send again, in order, what was under way when an earlier run ended: it may have arrived or not."""
        for record in self._call.callbacks:
            under_way = record.http_status is None and record.failure is None and record.fault != "callback_drop"
            if under_way and record.sequence_number is not None:
                self._send(record, status_fields(self._call, record.status, record.sequence_number), 1)

    def tell(self, event: str, call_status: str) -> None:
        """Send an event if it was asked for, without waiting for it.

        SequenceNumber counts the events sent for this call, from 0.
        """
        request = self._call.request
        target = self._call.status_callback
        if not target.url or not request.events_well_formed or event not in request.events:
            return
        record = CallbackRecord(event, call_status, target.url, self._sent)
        fields = status_fields(self._call, call_status, self._sent)
        self._sent += 1
        self._call.callbacks.append(record)
        fault = self._faults.for_callback(event, request.to)
        record.fault = fault.kind if fault else None
        done = asyncio.Event()
        if self._follower is not None:
            self._follower.set_result(done)
            self._follower = None
        if record.fault == "callback_drop":
            done.set()
        elif fault is not None and record.fault == "callback_late":
            self._start(self._late(record, fields, done, fault.seconds))
        elif record.fault == "callback_reorder" and event != "completed":
            self._follower = asyncio.get_running_loop().create_future()
            self._start(self._after_follower(record, fields, done, self._follower))
        else:
            self._send(record, fields, 2 if record.fault == "callback_double" else 1, done)

    def tell_recording(self, recording_status: str) -> None:
        """Send a recording's news if they were asked for."""
        call, recording = self._call, self._call.request.recording
        if recording is None or not recording.callback.url or recording_status not in recording.events:
            return
        record = CallbackRecord(f"recording-{recording_status}", call.status, recording.callback.url, None)
        call.callbacks.append(record)
        fields = recording_fields(call, recording, recording_status)
        self._start(self._deliver(record, recording.callback, fields))

    def tell_machine_detection(self, target: Document, detection_milliseconds: int) -> None:
        """Send the result of asynchronous answering machine detection (AsyncAmdStatusCallback)."""
        call = self._call
        if not target.url:
            return
        record = CallbackRecord("async-amd", call.status, target.url, None)
        call.callbacks.append(record)
        fields = [
            ("CallSid", call.sid),
            ("AccountSid", call.account_sid),
            ("AnsweredBy", call.answered_by or "unknown"),
            ("MachineDetectionDuration", str(detection_milliseconds)),
        ]
        self._start(self._deliver(record, target, fields))

    def _send(self, record: CallbackRecord, fields: Fields, copies: int, done: asyncio.Event | None = None) -> None:
        done = done or asyncio.Event()
        self._start(self._in_order(record, fields, done, self._previous, copies))
        self._previous = done

    def _start(self, delivery: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(delivery)
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _in_order(
        self,
        record: CallbackRecord,
        fields: Fields,
        done: asyncio.Event,
        previous: asyncio.Event | None,
        copies: int,
    ) -> None:
        if previous is not None and not previous.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await previous.wait()
        token = str(uuid.uuid4())
        for _ in range(copies):
            await self._deliver(record, self._call.status_callback, fields, token)
        done.set()

    async def _late(self, record: CallbackRecord, fields: Fields, done: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._deliver(record, self._call.status_callback, fields)
        done.set()

    async def _after_follower(
        self,
        record: CallbackRecord,
        fields: Fields,
        done: asyncio.Event,
        follower: asyncio.Future[asyncio.Event],
    ) -> None:
        await (await follower).wait()
        await self._deliver(record, self._call.status_callback, fields)
        done.set()

    async def _deliver(
        self, record: CallbackRecord, target: Document, fields: Fields, token: str | None = None
    ) -> None:
        answer = await self._webhooks.send(target.url, target.method, fields, self._signer, token)
        record.attempts += answer.attempts
        record.http_status = answer.http_status
        record.failure = answer.failure
        if not answer.accepted:
            reason = answer.failure or f"HTTP {answer.http_status}"
            message = f"{record.event} callback failed: {reason}"
            self._on_error(self._call, 15003, message, target.url)
        self._on_delivered(self._call)
