"""The three endpoints that accept calls."""

import math
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs, json_schema

from app import log_context
from app.body import BODY, RAW_BODY, invalid_request
from app.context import CLIENT, LEDGER, PUBLISHER, REQUEST_ID, SETTINGS, TRACEPARENT
from app.documentation import ERROR_ANSWERS, IDEMPOTENCY_HEADER, accepted_with
from app.errors import DayLimitReached, KeyConflict, TwilioNotConfigured
from app.idempotency import fingerprint, key_digest
from app.json_answer import json_answer
from app.ledger import Acceptance, NewTask
from app.metrics import METRICS
from schemas.answers import BulkQueued, CallQueued
from schemas.fields import DEFAULT_PRIORITY, PackedMetadata
from schemas.limits import campaign_interval_us
from schemas.moment import utc_text
from schemas.records import RANKS
from schemas.requests import QueueBulkCalls, QueueSingleCall, ScheduleCall
from schemas.states import CallState, CampaignState

#: The document's estimate for the call itself, after its start.
CALL_ESTIMATE_MS: Final = 60_000

_NO_METADATA: Final = PackedMetadata("", DEFAULT_PRIORITY)
_RANK_TEXTS: Final = {priority: str(rank) for priority, rank in RANKS.items()}


@docs(
    tags=["Calls"],
    summary="Queue a single call",
    parameters=[IDEMPOTENCY_HEADER],
    responses=accepted_with(CallQueued, "The call is recorded and will be placed") | ERROR_ANSWERS,
)
@json_schema(QueueSingleCall)
async def queue_single_call(request: web.Request) -> web.Response:
    """Accepts one call, to be placed now or after `delay_seconds`."""
    body = request[BODY]
    acceptance = await _accept(request, _new_call(request, body, "single", delay_ms=body["delay_seconds"] * 1000))
    return _answer(
        acceptance,
        message=f"Call to {body['to_number']} queued successfully",
        estimated_completion=utc_text(acceptance.start_ms + CALL_ESTIMATE_MS),
    )


@docs(
    tags=["Calls"],
    summary="Schedule a call",
    parameters=[IDEMPOTENCY_HEADER],
    responses=accepted_with(CallQueued, "The call is recorded and will be placed at its time") | ERROR_ANSWERS,
)
@json_schema(ScheduleCall)
async def schedule_call(request: web.Request) -> web.Response:
    """Accepts one call, to be placed at `schedule_time`."""
    body = request[BODY]
    due_ms = round(body["due"].timestamp() * 1000)
    acceptance = await _accept(request, _new_call(request, body, "scheduled", due_ms=due_ms))
    return _answer(
        acceptance,
        message=f"Call to {body['to_number']} scheduled for {utc_text(due_ms)}",
        estimated_completion=utc_text(due_ms),
    )


@docs(
    tags=["Calls"],
    summary="Queue bulk calls",
    parameters=[IDEMPOTENCY_HEADER],
    responses=accepted_with(BulkQueued, "The campaign is recorded and will be dialled") | ERROR_ANSWERS,
)
@json_schema(QueueBulkCalls)
async def queue_bulk_calls(request: web.Request) -> web.Response:
    """Accepts a campaign: every distinct number is dialled once, in the order given."""
    body = request[BODY]
    numbers = list(dict.fromkeys(body["phone_numbers"]))
    delay_seconds = body["delay_between_calls"]
    fields = _shared_fields(request, body) | {
        "kind": "bulk",
        "state": CampaignState.ACTIVE,
        "total": str(len(numbers)),
        "delay_us": str(campaign_interval_us(delay_seconds)),
        "max_live": str(body["max_concurrent_calls"]),
    }
    acceptance = await _accept(request, NewTask(request[REQUEST_ID], fields, numbers))
    return _answer(
        acceptance,
        message=f"Bulk call campaign for {len(numbers)} numbers queued successfully",
        total_calls=len(numbers),
        duplicates_removed=len(body["phone_numbers"]) - len(numbers),
        estimated_duration_minutes=max(1, math.ceil(len(numbers) * delay_seconds / 60)),
    )


def _new_call(
    request: web.Request, body: dict[str, Any], kind: str, *, due_ms: int | None = None, delay_ms: int = 0
) -> NewTask:
    limits = request.app[SETTINGS].limits
    fields = _shared_fields(request, body) | {
        "kind": kind,
        "state": CallState.WAITING,
        "to": body["to_number"],
    }
    interval_us = max(limits.singles.interval_us, limits.account.interval_us)
    return NewTask(request[REQUEST_ID], fields, due_ms=due_ms, delay_ms=delay_ms, pace_interval_us=interval_us)


def _shared_fields(request: web.Request, body: dict[str, Any]) -> dict[str, str]:
    settings = request.app[SETTINGS]
    settings.dial_rules.check(body)
    metadata = body.get("call_metadata", _NO_METADATA)
    fields = {
        "from": body.get("from_number") or settings.default_from_number,
        "rank": _RANK_TEXTS[metadata.priority],
    }
    optional = {
        "client": request.get(CLIENT),
        "webhook_url": body.get("webhook_url"),
        "status_callback_url": body.get("status_callback_url"),
        "trace": request.get(TRACEPARENT),
        "metadata": metadata.text,
    }
    fields |= {name: value for name, value in optional.items() if value}
    return fields


async def _accept(request: web.Request, task: NewTask) -> Acceptance:
    app = request.app
    if not app[SETTINGS].twilio_configured:
        raise TwilioNotConfigured
    digest = key_digest(request)
    if digest:
        task = task._replace(key_digest=digest, fingerprint=fingerprint(request.path, request[RAW_BODY]))
    acceptance = await app[LEDGER].accept(task)
    if acceptance.verdict == "mismatch":
        raise KeyConflict
    if acceptance.verdict == "past":
        raise invalid_request({"schedule_time": ["Must be in the future."]})
    if acceptance.verdict == "full":
        raise DayLimitReached(math.ceil((acceptance.start_ms - acceptance.created_ms) / 1000))
    if acceptance.verdict == "accepted":
        kind = task.fields["kind"]
        app[METRICS].task_accepted(kind)
        if kind != "bulk":
            log_context.add(call_id=task.id)
    elif acceptance.verdict == "replayed":
        log_context.add(task_id=acceptance.task_id)
    if acceptance.wake:
        app[PUBLISHER].wake()
    return acceptance


def _answer(acceptance: Acceptance, **fields: object) -> web.Response:
    replayed = acceptance.verdict == "replayed"
    return json_answer(
        {
            "success": True,
            "task_id": acceptance.task_id,
            "created_at": utc_text(acceptance.created_ms),
            **fields,
        },
        headers={"Idempotent-Replayed": "true"} if replayed else None,
    )
