"""
The Celery tasks. Each is a wake-up: what is to be done, and whether, stands in Redis.

What a newer version may have added to a message is ignored. Whoever watches the workers' events sees the calls alone.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from time import monotonic
from typing import Any, Final

import structlog
from kombu.exceptions import BatchPublishError, OperationalError
from marshmallow import ValidationError
from redis.exceptions import RedisError
from structlog.contextvars import bound_contextvars

from runtime import tracing
from schemas import messages as names
from schemas.errors import RecordError
from worker.application import celery
from worker.calls.dispatching import dispatch
from worker.calls.following import check, note_rescued, probe_account
from worker.calls.placing import place
from worker.calls.planning import plan_closed
from worker.context import Context, context

log = structlog.get_logger("worker.tasks")

#: Steps and time of one sweep. What is left stays due, and beat asks for another sweep.
SWEEP_BATCH: Final = 20
SWEEP_SECONDS: Final = 5.0
#: Steps of planning, with very many rows, and of forgetting numbers that a sweep takes, of some milliseconds each,
#: before it looks at calls: those may have to be hung up.
MOST_STEPS: Final = 10
#: Above the time of one request, after which the sweep that had a call counts as dead.
LEASE_GRACE_SECONDS: Final = 5


@celery.task(name=names.DISPATCH, send_events=False)
def calls_dispatch(**__: Any) -> None:
    """Admits the calls that may go now."""
    process = context()
    if not process.settings.twilio_configured:
        log.error("twilio_not_configured")
        return
    try:
        with celery.producer_or_acquire() as producer:
            dispatch(process.ledger, lambda call_ids: _publish(call_ids, producer))
    except (RedisError, OperationalError, BatchPublishError) as error:
        log.warning("dispatch_interrupted", reason=type(error).__name__)


@celery.task(name=names.PLACE)
def calls_place(*__: Any, **message: Any) -> str:
    """Hands one admitted call to Twilio; what came of it, for whoever watches the workers."""
    try:
        call_id = names.PLACE_MESSAGE.load(message)["call_id"]
    except ValidationError as error:
        log.error("message_malformed", faults=error.messages)
        return "malformed"
    process = context()
    with bound_contextvars(call_id=call_id, request_id=names.task_of(call_id)):
        try:
            with _step(process, names.PLACE, call_id):
                placing = place(process, call_id)
        except RedisError as error:
            log.warning("place_interrupted", reason=type(error).__name__)
            return "interrupted"
        except RecordError as error:
            log.error("record_damaged", reason=str(error))
            return "damaged"
    return placing.told if placing else "nothing to do"


@celery.task(name=names.SWEEP, send_events=False)
def calls_sweep(**__: Any) -> None:
    """Goes on with what takes many steps, then looks at the calls whose check is due, one after another."""
    process = context()
    try:
        for step in (
            partial(plan_closed, process.ledger, process.settings.policy),
            process.ledger.step,
            process.ledger.forget_on,
        ):
            for _ in range(MOST_STEPS):
                if not step():
                    break
        deadline = monotonic() + SWEEP_SECONDS
        for _ in range(SWEEP_BATCH):
            if monotonic() > deadline:
                break
            due = process.ledger.due_check(process.settings.timeout_seconds + LEASE_GRACE_SECONDS)
            note_rescued(due.rescued)
            if due.probe:
                probe_account(process.ledger, process.telephone, due.probe)
            if due.unread is not None:
                log.error("record_left_alone", call_id=due.unread.call_id, reason=due.unread.reason)
                process.ledger.put_off(due.unread)
                continue
            if due.call is None:
                return
            call_id = due.call.id
            with (
                bound_contextvars(call_id=call_id, request_id=names.task_of(call_id)),
                _step(process, names.SWEEP, call_id),
            ):
                check(process.ledger, process.telephone, process.settings, due.call, due.now_ms)
    except RedisError as error:
        log.warning("sweep_interrupted", reason=type(error).__name__)


def _step(process: Context, name: str, call_id: str) -> AbstractContextManager[Any]:
    """A span below the request that the call comes from."""
    task_id = names.task_of(call_id)
    traceparent = process.ledger.traceparent(task_id) if tracing.active() else ""
    return tracing.span(tracing.Kind.STEP, name, task_id, traceparent)


def _publish(call_ids: Sequence[str], producer: Any) -> None:
    """Sends the messages in one round trip."""
    with producer.batch():
        for call_id in call_ids:
            arguments = names.PLACE_MESSAGE.dump({"call_id": call_id})
            celery.send_task(
                names.PLACE,
                kwargs=arguments,
                task_id=call_id,
                queue=names.QUEUE,
                producer=producer,
                declare=[],
                ignore_result=True,  # or the worker would subscribe to a channel for each
                argsrepr="()",
                kwargsrepr=repr(arguments),
            )
