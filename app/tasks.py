"""The endpoints about a task that was accepted."""

from typing import Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import LEDGER, SETTINGS
from app.documentation import TASK_ANSWERS, TASK_ID, answered_with
from app.errors import TaskGoingOn, TaskNotFound
from app.json_answer import json_answer
from app.status import task_state, waits
from schemas.answers import Problem, TaskCancelled, TaskDeleted, TaskState
from schemas.waiting import explain

_MOST_ID_CHARACTERS: Final = 100


@docs(
    tags=["Tasks"],
    summary="Get the status of a task",
    parameters=[TASK_ID],
    responses=answered_with(TaskState, "Where the task stands")
    | answered_with(Problem, "There is no such task", 404)
    | TASK_ANSWERS,
)
async def task_status(request: web.Request) -> web.Response:
    """Tells what became of a call or a campaign."""
    task_id = request.match_info["task_id"]
    app = request.app
    most_live = app[SETTINGS].limits.max_live_calls
    found = await app[LEDGER].explained(task_id, most_live) if _may_exist(task_id) else None
    if found is None:
        raise TaskNotFound(f"Task {task_id} not found")
    task, facts = found
    return json_answer(task_state(task, explain(facts, most_live) if waits(task) else ""))


@docs(
    tags=["Tasks"],
    summary="Cancel a task",
    parameters=[TASK_ID],
    responses=answered_with(TaskCancelled, "No further call of the task will be placed; live calls are hung up")
    | answered_with(Problem, "There is no such task, or it has ended", 404)
    | TASK_ANSWERS,
)
async def cancel_task(request: web.Request) -> web.Response:
    """Cancels what has not been dialled, and hangs up what is live."""
    task_id = request.match_info["task_id"]
    if not _may_exist(task_id) or not await request.app[LEDGER].cancel(task_id):
        raise TaskNotFound(f"Task {task_id} not found or could not be cancelled")
    return json_answer({"success": True, "message": f"Task {task_id} cancelled successfully", "task_id": task_id})


@docs(
    tags=["Tasks"],
    summary="Delete what is kept of a task",
    parameters=[TASK_ID],
    responses=answered_with(TaskDeleted, "The record of the task is gone for good, with those of a campaign's calls")
    | answered_with(Problem, "There is no such task", 404)
    | answered_with(Problem, "The task is still going on", 409)
    | TASK_ANSWERS,
)
async def delete_task(request: web.Request) -> web.Response:
    """Removes the record of a task that has ended, numbers and messages included."""
    task_id = request.match_info["task_id"]
    settings = request.app[SETTINGS]
    verdict = "gone"
    if _may_exist(task_id):
        verdict = await request.app[LEDGER].forget(task_id, sid_seconds=2 * settings.reconcile_after_seconds)
    if verdict == "gone":
        raise TaskNotFound(f"Task {task_id} not found")
    if verdict == "going on":
        raise TaskGoingOn(f"Task {task_id} is still going on; cancel it first, or wait until it has ended")
    return json_answer({"success": True, "message": f"Task {task_id} deleted", "task_id": task_id})


def _may_exist(task_id: str) -> bool:
    """Ids that we made are short and printable ASCII; others need not trouble Redis."""
    return len(task_id) <= _MOST_ID_CHARACTERS and task_id.isascii() and task_id.isprintable()
