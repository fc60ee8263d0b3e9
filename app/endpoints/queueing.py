"""The three endpoints that accept calls."""

import math
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs, json_schema

from app.calls.campaign_time import time_of_campaign
from app.calls.options import option_warnings
from app.calls.planning import has_times, time_fields
from app.calls.shared_fields import NO_METADATA, clients_urls, shared_fields
from app.calls.skipping import chosen_before, chosen_rows, terms_of
from app.calls.spoken import warnings
from app.context import LEDGER, PUBLISHER, REQUEST_ID, SETTINGS, STANDING
from app.endpoints.campaigns.accepting import campaign_fields, given_rows
from app.endpoints.campaigns.trying import Trial, tried_out
from app.endpoints.documented import ERROR_ANSWERS, IDEMPOTENCY_HEADER, ON_A_LIST, UNCALLED, accepted_with
from app.endpoints.examples.calls import BULK, BULK_ANSWERS, SCHEDULED, SINGLE
from app.errors import DayLimitReached, Forbidden, KeyReused, TooManyRequests, TwilioNotConfigured
from app.http.access import refuse_reader
from app.http.answers import json_answer
from app.http.body.checking import BODY, RAW_BODY, invalid_request
from app.http.body.repeats import REPEATS
from app.http.idempotency import fingerprint, key_digest
from app.telemetry import log_context
from app.telemetry.metrics import METRICS
from schemas.bodies.requests import QueueBulkCalls, QueueSingleCall, ScheduleCall
from schemas.bodies.responses import BulkQueued, CallQueued
from schemas.moment import utc_text
from schemas.scripts.accept import Acceptance, NewTask
from schemas.states import CallState

_WAITING: Final = str(CallState.WAITING)

#: The document's estimate for the call itself, after its start.
CALL_ESTIMATE_MS: Final = 60_000

#: When a client of which too much waits may try again: nobody knows how long calls take.
_CROWDED_SECONDS: Final = 10


@docs(
    tags=["Calls"],
    **SINGLE,
    parameters=[IDEMPOTENCY_HEADER],
    responses=accepted_with(CallQueued, "The call is recorded and will be placed") | ERROR_ANSWERS | UNCALLED,
)
@json_schema(QueueSingleCall)
async def queue_single_call(request: web.Request) -> web.StreamResponse:
    """Accepts one call, to be placed now or after `delay_seconds`."""
    body = request[BODY]
    delay_ms = body["delay_seconds"] * 1000
    acceptance = await _accept(request, await _new_call(request, body, "single", delay_ms=delay_ms))
    return _answer(
        request,
        acceptance,
        message=f"Call to {body['to_number']} queued successfully",
        estimated_completion=utc_text(acceptance.start_ms + CALL_ESTIMATE_MS),
    )


@docs(
    tags=["Calls"],
    **SCHEDULED,
    parameters=[IDEMPOTENCY_HEADER],
    responses=accepted_with(CallQueued, "The call is recorded and will be placed at its time")
    | ERROR_ANSWERS
    | UNCALLED,
)
@json_schema(ScheduleCall)
async def schedule_call(request: web.Request) -> web.StreamResponse:
    """Accepts one call, to be placed at `schedule_time`."""
    body = request[BODY]
    due_ms = round(body["due"].timestamp() * 1000)
    acceptance = await _accept(request, await _new_call(request, body, "scheduled", due_ms=due_ms))
    return _answer(
        request,
        acceptance,
        message=f"Call to {body['to_number']} scheduled for {utc_text(due_ms)}",
        estimated_completion=utc_text(acceptance.start_ms),
    )


@docs(
    tags=["Calls"],
    **BULK,
    parameters=[IDEMPOTENCY_HEADER],
    responses=accepted_with(BulkQueued, "The campaign is recorded and will be dialled, or was tried out", BULK_ANSWERS)
    | ERROR_ANSWERS,
)
@json_schema(QueueBulkCalls)
async def queue_bulk_calls(request: web.Request) -> web.StreamResponse:
    """Accepts a campaign: every distinct number is dialled once, in the order given."""
    body = request[BODY]
    if not body["dry_run"]:
        refuse_reader(request, request.app[SETTINGS])
    given = given_rows(body)
    chosen = await chosen_rows(request, given, terms_of(request))
    fields = shared_fields(request, body) | campaign_fields(body, len(chosen.rows))
    fields |= await time_of_campaign(request, body, chosen.rows)
    if chosen.skipped:
        fields["skipped"] = chosen.skipped
    due_ms = round(body["due"].timestamp() * 1000) if "due" in body else None
    ask = _would_accept if body["dry_run"] else _accept
    acceptance = await ask(request, NewTask(request[REQUEST_ID], fields, chosen.rows, due_ms=due_ms))
    if acceptance.verdict == "replayed":
        chosen = chosen_before(given, acceptance.skipped)
    count, told = len(chosen.rows), chosen.told(given)
    trial = await tried_out(request, acceptance, given, chosen) if body["dry_run"] else Trial({})
    return _answer(
        request,
        acceptance,
        trial.warnings,
        message=f"Bulk call campaign for {count} numbers "
        + ("was tried out: nothing is queued" if body["dry_run"] else "queued successfully"),
        total_calls=count,
        duplicates_removed=len(given) - count - len(told),
        skipped=told,
        estimated_duration_minutes=max(1, math.ceil(count * body["delay_between_calls"] / 60)),
        **trial.fields,
    )


async def _new_call(
    request: web.Request, body: dict[str, Any], kind: str, *, due_ms: int | None = None, delay_ms: int = 0
) -> NewTask:
    settings = request.app[SETTINGS]
    limits = settings.limits
    fields = shared_fields(request, body)
    fields |= {"kind": kind, "state": _WAITING, "to": body["to_number"]}
    if has_times(body, settings.policy):
        fields |= await time_fields(request, body, due_ms, delay_ms)
    interval_us = max(limits.singles.interval_us, limits.account.interval_us)
    return NewTask(request[REQUEST_ID], fields, due_ms=due_ms, delay_ms=delay_ms, pace_interval_us=interval_us)


def _check_open(app: web.Application) -> None:
    """Raises TwilioNotConfigured or LedgerAway when what was accepted could not be dialled."""
    if not app[SETTINGS].twilio_configured:
        raise TwilioNotConfigured
    app[STANDING].require_room()


async def _accept(request: web.Request, task: NewTask) -> Acceptance:
    app = request.app
    _check_open(app)
    digest = key_digest(request)
    if digest:
        task = task._replace(key_digest=digest, fingerprint=fingerprint(request.path, request[RAW_BODY]))
    acceptance = await app[LEDGER].accept(task)
    _raise_refusal(acceptance)
    if acceptance.verdict == "accepted":
        kind = task.fields["kind"]
        app[METRICS].requests.task_accepted(kind)
        if kind != "bulk":
            log_context.add(call_id=task.id)
    elif acceptance.verdict == "replayed":
        log_context.add(task_id=acceptance.task_id)
    if acceptance.wake:
        app[PUBLISHER].wake()
    return acceptance


async def _would_accept(request: web.Request, task: NewTask) -> Acceptance:
    """A dry run: what else than the room there is would have the task refused is refused now."""
    _check_open(request.app)
    key_digest(request)  # raises if it is none; it is not used up
    acceptance = await request.app[LEDGER].would_accept(task)
    if acceptance.verdict not in {"full", "crowded"}:
        _raise_refusal(acceptance)
    return acceptance


def _raise_refusal(acceptance: Acceptance) -> None:
    """Raises what the client is told if nothing was accepted."""
    if acceptance.verdict == "mismatch":
        raise KeyReused
    if acceptance.verdict == "past":
        raise invalid_request({"schedule_time": ["Must be in the future."]})
    if acceptance.verdict == "barred":
        raise Forbidden(ON_A_LIST)
    if acceptance.verdict == "full":
        raise DayLimitReached((acceptance.start_ms - acceptance.created_ms) / 1000)
    if acceptance.verdict == "crowded":
        raise TooManyRequests("More numbers would wait than MAX_WAITING_PER_KEY allows.", _CROWDED_SECONDS)


def _answer(
    request: web.Request, acceptance: Acceptance, more: Sequence[str] = (), **fields: object
) -> web.StreamResponse:
    body, app = request[BODY], request.app
    base_url = app[SETTINGS].public_base_url
    values = body.get("call_metadata", NO_METADATA).values
    where = {"has_webhook": "webhook_url" in clients_urls(body, base_url), "inline": not base_url}
    told = [*warnings(values, **where), *option_warnings(body, **where), *more]
    if acceptance.task_id:
        told += app[REPEATS].told(request, acceptance.task_id)
    return json_answer(
        {
            "success": True,
            "task_id": acceptance.task_id or None,
            "created_at": utc_text(acceptance.created_ms),
            "warnings": told,
            **fields,
        },
        headers={"Idempotent-Replayed": "true"} if acceptance.verdict == "replayed" else None,
    )
