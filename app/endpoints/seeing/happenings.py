"""GET /tasks/{id}/events: all that happened to a task; POST /tasks/{id}/redeliver: what its client did not take."""

import re
from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import EVENTS, RELAY
from app.endpoints.campaigns.access import not_found, shown_task
from app.endpoints.documented import FIELD_ANSWERS, NO_TASK, TASK_ANSWERS, TASK_ID, answered_with, refused_with
from app.errors import InvalidRequest
from app.http.answers import json_answer
from app.http.audit import audited
from app.http.query import LIMIT, cursor, limit_of, next_cursor, read_query, whole
from app.relay.form import given_ids
from runtime.masking import mask_numbers
from schemas.bodies.seeing.happenings import Redelivered, TaskEvents
from schemas.campaign_status import campaign_status
from schemas.listing.events import Happening
from schemas.moment import utc_text
from schemas.records import CampaignRecord

_MOST_AFTER: Final = 999_999_999
_CURSOR: Final = cursor(re.compile(r"e:(\d{1,9})", re.ASCII))
_AFTER: Final = whole(
    "after", "Only events behind this `n`: that of the last one you have, e.g. `17`", 0, _MOST_AFTER, 0
)
_PARAMETERS: Final = (LIMIT, _CURSOR, _AFTER)


@docs(
    tags=["Tasks"],
    summary="See what happened to a task",
    description="What a receiver at `status_callback_url` gets that takes everything, also if there is none, and who"
    " paused, resumed, edited or cancelled it: in the order in which it counts, `n` from 1 without gaps, kept as long"
    " as the task. Of a campaign, with its calls; of a call of one, what its campaign's log has of it, with the `n`"
    " there, and a page may be empty while `next_cursor` is not null. Ask again with `after`, the `n` of the last event"
    " that you have.",
    parameters=[TASK_ID, *(parameter.documented for parameter in _PARAMETERS)],
    responses=answered_with(TaskEvents, "A page of events, the oldest first")
    | refused_with(InvalidRequest, "A parameter is unknown or wrong")
    | NO_TASK
    | TASK_ANSWERS,
)
async def task_events(request: web.Request) -> web.StreamResponse:
    """Tells what happened, from a place on."""
    task_id = await shown_task(request)
    asked = read_query(request, _PARAMETERS)
    after = int(asked["cursor"][1]) if "cursor" in asked else asked.get("after", 0)
    found = await request.app[EVENTS].happened(task_id, after, limit_of(asked))
    if found is None:
        raise not_found(task_id)
    return json_answer(
        {
            "events": [_told(found.owner, one) for one in found.entries],
            "next_cursor": next_cursor(f"e:{found.behind}") if found.behind else None,
        }
    )


@docs(
    tags=["Tasks"],
    summary="Deliver again what was not taken",
    description="Events of the task and its calls that `status_callback_url` did not take are tried again at once, in"
    " order: those that were given up begin anew, those that are being repeated do not wait for their time."
    " It takes no fields: a body, if there is one, is `{}`.",
    parameters=[TASK_ID],
    responses=answered_with(Redelivered, "So many events are tried again") | NO_TASK | TASK_ANSWERS | FIELD_ANSWERS,
)
async def redeliver(request: web.Request) -> web.StreamResponse:
    """Tries again what its client did not take."""
    task_id = await shown_task(request)
    deed = request.app[EVENTS].redeliver(task_id)
    count = await audited(request, "redeliver", deed, task_id=mask_numbers(task_id))
    if count is None:
        raise not_found(task_id)
    if count:
        request.app[RELAY].wake()
    told = "1 event is" if count == 1 else f"{count} events are"
    message = f"{told} tried again"
    return json_answer({"success": True, "task_id": task_id, "message": message, "count": count})


def _told(task_id: str, one: Happening) -> dict[str, Any]:
    call_id = f"{task_id}-{one.place}" if one.place else task_id
    fields: dict[str, Any]
    if one.kind == "call":
        fields = dict(_of_call(task_id, call_id, one))
    elif one.kind == "campaign":
        fields = dict(_of_campaign(task_id, one))
    else:
        fields = {**one.fields, "by": one.fields.get("by") or None}
    is_about_call = one.place or one.kind == "call"
    return {
        "n": one.n,
        "at": utc_text(one.at_ms),
        "call_id": call_id if is_about_call else None,
        "kind": one.kind,
        "fields": fields,
    }


def _of_call(task_id: str, call_id: str, one: Happening) -> Iterator[tuple[str, str]]:
    """With the names and values that a receiver gets."""
    said = one.fields
    yield "TaskId", call_id
    if call_id != task_id:
        yield "CampaignId", task_id
    yield from given_ids(one.external_id, one.campaign_external_id)
    yield "Attempt", said["attempt"]
    yield "SequenceNumber", said["number"]
    for name, value in (("CallStatus", "status"), ("AnsweredBy", "answered_by"), ("CallDuration", "seconds")):
        if said[value]:
            yield name, said[value]
    more = "true" if "m" in said["flags"] else "false"
    for flag, name, value in (("f", "MoreAttempts", more), ("u", "Outcome", "unknown"), ("c", "Correction", "true")):
        if flag in said["flags"]:
            yield name, value


def _of_campaign(task_id: str, one: Happening) -> Iterator[tuple[str, str]]:
    campaign = CampaignRecord.read(task_id, {"created_ms": "0", "updated_ms": "0", **one.fields})
    yield from (("TaskId", task_id), ("CampaignId", task_id))
    yield from given_ids(campaign_external_id=one.campaign_external_id)
    yield "TaskStatus", campaign_status(campaign)
    counts = {"total": campaign.total, "waiting": campaign.waiting, **campaign.counts}
    yield from (("Count" + name.title().replace("_", ""), str(count)) for name, count in counts.items())
