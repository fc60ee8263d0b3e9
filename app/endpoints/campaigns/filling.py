"""POST /tasks/{id}/recipients: further numbers of a campaign."""

import time
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp_apispec import docs, json_schema

from app.calls.answering import left_fault, prompt_fault
from app.calls.campaign_time import check_further, uncallable_further
from app.calls.skipping import Terms, chosen_before, chosen_rows
from app.calls.spoken import message_fault
from app.calls.wording import longest_variables
from app.context import CAMPAIGNS, CLIENT, LEDGER, REQUEST_ID, SETTINGS, STANDING
from app.endpoints.campaigns.accepting import given_rows
from app.endpoints.campaigns.access import raise_refusal, shown_task
from app.endpoints.documented import ERROR_ANSWERS, IDEMPOTENCY_HEADER, NO_TASK, TASK_ID, answered_with, refused_with
from app.errors import Conflict, DayLimitReached, KeyReused, TooManyRequests
from app.http.answers import json_answer
from app.http.audit import audited
from app.http.body.checking import BODY, RAW_BODY, invalid_request
from app.http.idempotency import fingerprint, key_digest
from app.security.dial_rules import skips
from runtime.masking import mask_numbers
from schemas.bodies.campaigns.steering import AppendRecipients, RecipientsAdded
from schemas.bodies.telling import CALLEE, OTHER_CALLEE
from schemas.bodies.telling import TASK_ID as ID
from schemas.campaigns.filling import KEY_SECONDS, Repetition
from schemas.campaigns.wording import Wording
from schemas.lua.facts import MOST_ROWS

_TOO_LONG = "Must have shorter variables: with these, what the campaign says is more than Twilio speaks."

#: When a client of which too much waits may try again: nobody knows how long calls take.
_CROWDED_SECONDS = 10


@docs(
    tags=["Tasks"],
    summary="Add numbers to a campaign",
    description="They come behind those that it has, and are dialled as those are. A campaign that was finished goes on"
    " until its record goes; one that was cancelled, or has expired, takes no more. Repeated ones are left out within"
    " the request only. A campaign of very many is one that starts paused, is filled, and resumed.",
    parameters=[TASK_ID, IDEMPOTENCY_HEADER],
    request_examples={
        "two more": {
            "recipients": [
                {"to_number": CALLEE, "external_id": "crm-4711"},
                {"to_number": OTHER_CALLEE, "external_id": "crm-4712"},
            ]
        },
        "numbers alone": {"phone_numbers": [CALLEE, OTHER_CALLEE]},
    },
    responses=answered_with(RecipientsAdded, "They are recorded and will be dialled")
    | ERROR_ANSWERS
    | NO_TASK
    | refused_with(
        Conflict,
        "The campaign was cancelled or has expired, or the task is no campaign",
        "over",
        f"Task {ID} is over; nothing of it can be changed any more",
    ),
)
@json_schema(AppendRecipients)
async def add_recipients(request: web.Request) -> web.StreamResponse:
    """Adds rows to a campaign."""
    task_id, body = await shown_task(request), request[BODY]
    request.app[STANDING].require_room()
    wording = await request.app[CAMPAIGNS].wording(task_id)
    _check_variables(body, wording)
    _check_length(body, wording, inline=not request.app[SETTINGS].public_base_url)
    terms = await _terms(request, task_id, wording)
    given = given_rows(body, wording.names)
    chosen = await chosen_rows(request, given, terms)
    await check_further(request, task_id, body, chosen.rows)
    by = request.get(CLIENT, "")
    deed = request.app[CAMPAIGNS].append(task_id, chosen.rows, repetition_of(request), chosen.skipped, by)
    appending = await audited(request, "recipients", deed, lambda one: one.verdict, task_id=mask_numbers(task_id))
    verdict = appending.verdict
    raise_bound(verdict, appending.day_ends_ms)
    if verdict == "large":
        raise Conflict(f"A campaign holds {MOST_ROWS} numbers at most; queue another one")
    if verdict == "forgetting":
        raise Conflict("A number of these is being forgotten at the moment: add it once it is forgotten")
    if verdict not in {"done", "replayed"}:
        raise_refusal(task_id, verdict)
    if verdict == "replayed":
        chosen = chosen_before(given, appending.skipped)
    count, skipped = len(chosen.rows), chosen.told(given)
    told = {
        "success": True,
        "task_id": task_id,
        "message": f"{count} {'number' if count == 1 else 'numbers'} added to task {task_id}",
        "added": count,
        "duplicates_removed": len(given) - count - len(skipped),
        "skipped": skipped,
    }
    return json_answer(told, headers={"Idempotent-Replayed": "true"} if verdict == "replayed" else None)


def repetition_of(request: web.Request) -> Repetition:
    """By what a repetition is known: the client's Idempotency-Key, or else this request, which may be sent twice."""
    body = fingerprint(request.path, request[RAW_BODY])
    if digest := key_digest(request):
        return Repetition(digest, body, KEY_SECONDS)
    return Repetition(request[REQUEST_ID], body)


def raise_bound(verdict: str, day_ends_ms: int) -> None:
    """Raises what a client is told if a bound of the operator's, or its own key, is in the way."""
    if verdict == "mismatch":
        raise KeyReused
    if verdict == "full":
        raise DayLimitReached(day_ends_ms / 1000 - time.time())
    if verdict == "crowded":
        raise TooManyRequests("More numbers would wait than MAX_WAITING_PER_KEY allows.", _CROWDED_SECONDS)


def _check_variables(body: dict[str, Any], wording: Wording) -> None:
    """Raises InvalidRequest for a recipient that lacks a variable of the campaign, or has another."""
    faults: dict[int, Any] = {}
    for place, one in enumerate(body.get("recipients") or ()):
        given = one.get("variables", {})
        if (missing := sorted(wording.wanted.difference(given))) and not skips(body):
            faults[place] = {"variables": [f"Must hold {', '.join(missing)}, which the message names."]}
        elif wording.names is not None and (unknown := sorted(given.keys() - set(wording.names))):
            faults[place] = {"variables": [f"Must hold none that the campaign began without: {', '.join(unknown)}."]}
    if faults:
        raise invalid_request({"recipients": faults})
    if wording.wanted and "phone_numbers" in body:
        sentence = f"Must be recipients: the message names {', '.join(sorted(wording.wanted))}, which each must have."
        raise invalid_request({"phone_numbers": [sentence]})


def _check_length(body: dict[str, Any], wording: Wording, *, inline: bool) -> None:
    """Raises InvalidRequest for variables with which not all that the campaign says would be spoken."""
    variables = longest_variables(body)
    if not wording.wanted or not wording.wanted.issubset(variables):
        return  # without them; whoever lacks some is refused, or left out
    if (
        message_fault(wording.metadata, variables, inline=inline)
        or left_fault(wording.left, wording.metadata, variables)
        or prompt_fault(wording.prompt, wording.metadata, variables)
    ):
        raise invalid_request({"recipients": [_TOO_LONG]})


async def _terms(request: web.Request, task_id: str, wording: Wording) -> Terms:
    """Those of the campaign; raises InvalidRequest if the operator's rules forbid a number that is not left out."""
    body, rules = request[BODY], request.app[SETTINGS].dial_rules
    from_numbers = await request.app[LEDGER].from_numbers(task_id) or [rules.caller_ids.default]
    if not skips(body) and (faults := rules.faults_of_rows(body, from_numbers)):
        raise invalid_request(faults)
    client = await request.app[LEDGER].owner(task_id)
    return Terms(from_numbers, wording.wanted, client, partial(uncallable_further, request, task_id))
