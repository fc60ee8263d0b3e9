"""POST /tasks/{id}/pause and /resume: a task is held, and goes on."""

from typing import Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import CAMPAIGNS, CLIENT
from app.endpoints.campaigns.access import raise_refusal, shown_task
from app.endpoints.documented import (
    FIELD_ANSWERS,
    NO_TASK,
    TASK_ANSWERS,
    TASK_ID,
    TASK_OVER,
    answered_with,
)
from app.http.answers import json_answer
from app.http.audit import audited
from runtime.masking import mask_numbers
from schemas.bodies.campaigns.steering import TaskPaused
from schemas.bodies.telling import TASK_ID as ID
from schemas.scripts.cancel import Pausing

_ANSWERS: Final = NO_TASK | TASK_OVER | TASK_ANSWERS | FIELD_ANSWERS


@docs(
    tags=["Tasks"],
    summary="Pause a task",
    description="After this no request for a call of it leaves until `POST …/resume`. What is already dialling goes on,"
    " and `message` says how many calls had left and are not answered yet; so does the time: what falls due meanwhile"
    " goes when it is resumed. To pause again changes nothing."
    " It takes no fields: a body, if there is one, is `{}`.",
    parameters=[TASK_ID],
    responses=answered_with(TaskPaused, "Nothing of it is dialled until it is resumed") | _ANSWERS,
)
async def pause_task(request: web.Request) -> web.StreamResponse:
    """Holds a task."""
    task_id = await shown_task(request)
    pausing = await _steered(request, "pause", task_id)
    told = "is paused" if pausing.verdict == "done" else "was paused already"
    message = f"Task {task_id} {told}; nothing of it is dialled before it is resumed"
    if left := len(pausing.leaving):
        message += f"; {'1 call goes' if left == 1 else f'{left} calls go'} on that had left for Twilio already"
    return _told(task_id, pausing, message)


@docs(
    tags=["Tasks"],
    summary="Resume a task",
    description="It goes on, whoever paused it; what fell due meanwhile goes at once, at its pace. To resume what is"
    " not paused changes nothing. It takes no fields: a body, if there is one, is `{}`.",
    parameters=[TASK_ID],
    responses=answered_with(
        TaskPaused,
        "It goes on",
        examples={
            "it goes on": {
                "success": True,
                "task_id": ID,
                "message": f"Task {ID} goes on",
                "paused": False,
                "paused_reason": None,
            }
        },
    )
    | _ANSWERS,
)
async def resume_task(request: web.Request) -> web.StreamResponse:
    """Lets a task go on."""
    task_id = await shown_task(request)
    pausing = await _steered(request, "resume", task_id)
    told = "goes on" if pausing.verdict == "done" else "was not paused"
    return _told(task_id, pausing, f"Task {task_id} {told}")


async def _steered(request: web.Request, verb: str, task_id: str) -> Pausing:
    campaigns = request.app[CAMPAIGNS]
    by = request.get(CLIENT, "")
    deed = campaigns.pause(task_id, by) if verb == "pause" else campaigns.resume(task_id, by)
    pausing = await audited(request, verb, deed, lambda one: one.verdict, task_id=mask_numbers(task_id))
    if pausing.verdict not in {"done", "already"}:
        raise_refusal(task_id, pausing.verdict)
    return pausing


def _told(task_id: str, pausing: Pausing, message: str) -> web.StreamResponse:
    return json_answer(
        {
            "success": True,
            "task_id": task_id,
            "message": message,
            "paused": pausing.paused,
            "paused_reason": pausing.reason or None,
        }
    )
