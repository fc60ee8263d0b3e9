"""PATCH /tasks/{id}: a task gets other values, unless somebody edited it meanwhile."""

import re
import time
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs, json_schema
from marshmallow import ValidationError

from app.calls.edited.metadata import edited_metadata
from app.calls.edited.options import edited_options
from app.calls.edited.rows import check_rows
from app.calls.edited.time import edited_opening, edited_start
from app.context import CAMPAIGNS, CLIENT, EXPLANATIONS, REQUEST_ID, SETTINGS
from app.endpoints.campaigns.access import not_found, raise_refusal, shown_task
from app.endpoints.documented import (
    BODY_ANSWERS,
    NO_TASK,
    TASK_ANSWERS,
    TASK_ID,
    TASK_OVER,
    answered_with,
    refused_with,
    together,
)
from app.endpoints.examples.tasks import STATES
from app.endpoints.status import told_state
from app.endpoints.tasks import ETAG, there
from app.errors import PreconditionFailed, TooManyRequests, UnsupportedMedia
from app.http.answers import json_answer
from app.http.audit import audited
from app.http.body.checking import BODY, RAW_BODY, invalid_request
from app.http.body.strict_json import parse_json
from app.store.campaigns import BeforeEdit
from runtime.masking import mask_numbers
from schemas.bodies.campaigns.editing import EditTask
from schemas.bodies.task_state import TaskState
from schemas.hours.edited import edited_time
from schemas.limits import campaign_interval_us
from schemas.options.stopping import packed_stop

_CANNOT: Final = "Cannot change: the task is no campaign."
#: What stands in a campaign's record only, and what null brings back.
_DEFAULTS: Final[dict[str, Any]] = {
    "name": None,
    "external_id": None,
    "delay_between_calls": 5,
    "max_concurrent_calls": 10,
    "stop_if": None,
}
#: RFC 9110, 8.8.3; a weak one never is the same as ours.
_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_TAGS: Final = re.compile(rf"{_TAG.pattern}([ \t]*,[ \t]*{_TAG.pattern})*")
_STALE: Final = "The task was edited since: read it again, and send the ETag of that."
#: How long an edit that was overtaken by others is tried again.
_PATIENCE_SECONDS: Final = 5.0
#: Why it cannot begin at that time, by edit.lua's verdict.
_NOT_THEN: Final = {"begun": "Cannot change: it has begun.", "past": "Must be in the future."}
_IF_MATCH: Final = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": 'The `ETag` of the answer that you saw last, such as `"2"`: if it was edited since, nothing changes',
    "schema": {"type": "string"},
}


@docs(
    tags=["Tasks"],
    summary="Edit a task",
    description="Fields that are given get another value, null brings the default back; `call_metadata` is merged key"
    " by key. What is already dialled keeps what it had. `schedule_time` changes until it has begun. Fields that cannot"
    " change are 400, a task that is over 409.",
    parameters=[TASK_ID, _IF_MATCH],
    request_examples={
        "another pace": {"delay_between_calls": 10},
        "sooner, and tried again": {"priority": "high", "retry": {"max_attempts": 2}, "ring_timeout_seconds": 30},
    },
    responses=answered_with(TaskState, "Where the task stands now", headers=ETAG, examples=STATES)
    | together(BODY_ANSWERS, refused_with(UnsupportedMedia, "The body is not declared as JSON"))
    | NO_TASK
    | TASK_OVER
    | refused_with(PreconditionFailed, "It was edited since", "stale", _STALE)
    | TASK_ANSWERS,
)
@json_schema(EditTask)
async def edit_task(request: web.Request) -> web.StreamResponse:
    """Gives a task other values."""
    task_id = await shown_task(request)
    edits = await audited(request, "edit", _edit(request, task_id), task_id=mask_numbers(task_id))
    limits = request.app[SETTINGS].limits
    task, facts = there(task_id, await request.app[EXPLANATIONS].task(task_id))
    state = told_state(task, facts, limits)
    return json_answer(state, headers={"ETag": f'"{edits}"'})


async def _edit(request: web.Request, task_id: str) -> int:
    """Writes what was asked for on top of what stands there; again, if somebody else did that in between."""
    expected, campaigns = _expected(request), request.app[CAMPAIGNS]
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        before = await campaigns.before_edit(task_id)
        if not before.kind and not await campaigns.page(task_id, 0, 1, ""):
            raise not_found(task_id)
        if expected is not None and str(before.edits) not in expected:
            raise PreconditionFailed(_STALE)
        fields = await _fields(request, task_id, before)
        editing = await campaigns.edit(task_id, fields, request[REQUEST_ID], before.edits, request.get(CLIENT, ""))
        if editing.verdict == "done":
            return editing.edits
        if sentence := _NOT_THEN.get(editing.verdict):
            raise invalid_request({"schedule_time": [sentence]})
        if editing.verdict != "stale":
            raise_refusal(task_id, editing.verdict)
        if expected is not None:
            raise PreconditionFailed(_STALE)
    raise TooManyRequests("This task is edited too often.", 1)


def _expected(request: web.Request) -> frozenset[str] | None:
    """What the client saw, by ETags; None if it does not say. Raises PreconditionFailed for what is no list of them."""
    given = ", ".join(request.headers.getall("If-Match", ["*"])).strip()
    if given == "*":
        return None
    if not _TAGS.fullmatch(given):
        raise PreconditionFailed(_STALE)
    return frozenset(tag for weak, tag in _TAG.findall(given) if not weak)


async def _fields(request: web.Request, task_id: str, before: BeforeEdit) -> dict[str, str | None]:
    """What changes in the record; None: the field goes."""
    body, settings = request[BODY] | dict.fromkeys(_nulls(request)), request.app[SETTINGS]
    campaigns_own = [name for name in body if name in _DEFAULTS]
    if before.kind not in {"bulk", ""} and campaigns_own:
        raise invalid_request({name: [_CANNOT] for name in campaigns_own})
    given = {name: _DEFAULTS[name] if body[name] is None else body[name] for name in campaigns_own}
    fields: dict[str, str | None] = {name: given[name] for name in ("name", "external_id") if name in given}
    if "delay_between_calls" in given:
        fields["delay_us"] = str(campaign_interval_us(given["delay_between_calls"]))
    if "max_concurrent_calls" in given:
        fields["max_live"] = str(given["max_concurrent_calls"])
    if "stop_if" in given:
        fields["stop_if"] = packed_stop(given["stop_if"]) if given["stop_if"] else None
    try:
        fields |= edited_time(body, is_campaign=before.kind == "bulk")
        fields |= edited_opening(body, before, settings.policy)
        fields |= edited_start(body, parse_json(request[RAW_BODY]), before)
    except ValidationError as error:
        raise invalid_request(error.messages_dict) from error
    metadata, changed = edited_metadata(body, before, inline=not settings.public_base_url)
    await check_rows(request.app[CAMPAIGNS], settings, task_id, before, body, metadata)
    return fields | changed | edited_options(body, before, metadata, settings)


def _nulls(request: web.Request) -> list[str]:
    return [name for name, value in parse_json(request[RAW_BODY]).items() if value is None]
