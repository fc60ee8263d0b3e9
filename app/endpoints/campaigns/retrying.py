"""POST /tasks/{id}/retry: numbers that came to certain outcomes are tried again."""

from aiohttp import web
from aiohttp_apispec import docs, json_schema

from app.context import CAMPAIGNS, CLIENT, PUBLISHER, STANDING
from app.endpoints.campaigns.access import raise_refusal, shown_task
from app.endpoints.campaigns.filling import raise_bound, repetition_of
from app.endpoints.documented import ERROR_ANSWERS, IDEMPOTENCY_HEADER, NO_TASK, TASK_ID, answered_with, refused_with
from app.errors import Conflict
from app.http.answers import json_answer
from app.http.audit import audited
from app.http.body.checking import BODY, invalid_request
from runtime.masking import mask_numbers
from schemas.bodies.campaigns.retrying import RetryTask, TaskRetried
from schemas.bodies.telling import TASK_ID as ID
from schemas.campaigns.retrying import Retry, marks_to_retry


@docs(
    tags=["Tasks"],
    summary="Try numbers again",
    description="Numbers of the task that came to one of `outcomes` wait again: now, after `delay_seconds`, or from"
    " `schedule_time` on. Those still to be tried are left alone, and no number is attempted more than ten times. A"
    " finished campaign goes on. What was tried before stays in the row's `attempts`.",
    parameters=[TASK_ID, IDEMPOTENCY_HEADER],
    request_examples={"the busy ones now": {"outcomes": ["busy"]}},
    responses=answered_with(TaskRetried, "They wait again")
    | ERROR_ANSWERS
    | NO_TASK
    | refused_with(
        Conflict,
        "The task was cancelled, or its time is over",
        "over",
        f"Task {ID} is over; nothing of it can be changed any more",
    ),
)
@json_schema(RetryTask)
async def retry_task(request: web.Request) -> web.StreamResponse:
    """Tries again what is over."""
    task_id = await shown_task(request)
    request.app[STANDING].require_room()
    deed = request.app[CAMPAIGNS].retry(task_id, _what(request), repetition_of(request))
    retrying = await audited(
        request, "retry", deed, lambda one: f"{one.verdict} {one.tried}", task_id=mask_numbers(task_id)
    )
    verdict, count = retrying.verdict, retrying.tried
    raise_bound(verdict, retrying.day_ends_ms)
    if verdict == "past":
        raise invalid_request({"schedule_time": ["Must be in the future."]})
    if verdict == "behind":
        name = "schedule_time" if "due" in request[BODY] else "delay_seconds"
        raise invalid_request({name: ["Must be before the end of the task, expires_at: it would expire first."]})
    if verdict == "expired":
        raise Conflict(f"The time of task {task_id} is over (expires_at): what is tried again would expire at once")
    if verdict not in {"done", "replayed"}:
        raise_refusal(task_id, verdict)
    request.app[PUBLISHER].wake()
    message = "1 number is tried again" if count == 1 else f"{count} numbers are tried again"
    body = {"success": True, "task_id": task_id, "message": message, "count": count}
    return json_answer(body, headers={"Idempotent-Replayed": "true"} if verdict == "replayed" else None)


def _what(request: web.Request) -> Retry:
    body, by = request[BODY], request.get(CLIENT, "")
    marks = marks_to_retry(body["outcomes"])
    if due := body.get("due"):
        return Retry(marks, due_ms=round(due.timestamp() * 1000), by=by)
    return Retry(marks, delay_ms=body.get("delay_seconds", 0) * 1000, by=by)
