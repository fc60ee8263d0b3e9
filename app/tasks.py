"""The two endpoints about a task that was accepted."""

from typing import Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import LEDGER, SETTINGS
from app.documentation import STORE_AWAY, TASK_ID, answered_with
from app.errors import TaskNotFound
from app.status import task_state, waits
from schemas.answers import Problem, TaskCancelled, TaskState

_MOST_ID_CHARACTERS: Final = 100


@docs(
    tags=["Tasks"],
    summary="Get the status of a task",
    parameters=[TASK_ID],
    responses=answered_with(TaskState, "Where the task stands")
    | answered_with(Problem, "There is no such task", 404)
    | STORE_AWAY,
)
async def task_status(request: web.Request) -> web.Response:
    """Tells what became of a call or a campaign."""
    task_id = request.match_info["task_id"]
    task = await request.app[LEDGER].find(task_id) if _may_exist(task_id) else None
    if task is None:
        raise TaskNotFound(f"Task {task_id} not found")
    reason = ""
    if waits(task):
        reason = await request.app[LEDGER].why_waiting(task_id, request.app[SETTINGS].limits.max_live_calls)
    return web.json_response(task_state(task, reason))


@docs(
    tags=["Tasks"],
    summary="Cancel a task",
    parameters=[TASK_ID],
    responses=answered_with(TaskCancelled, "No further call of the task will be placed; live calls are hung up")
    | answered_with(Problem, "There is no such task, or it has ended", 404)
    | STORE_AWAY,
)
async def cancel_task(request: web.Request) -> web.Response:
    """Cancels what has not been dialled, and hangs up what is live."""
    task_id = request.match_info["task_id"]
    if not _may_exist(task_id) or not await request.app[LEDGER].cancel(task_id):
        raise TaskNotFound(f"Task {task_id} not found or could not be cancelled")
    return web.json_response({"success": True, "message": f"Task {task_id} cancelled successfully", "task_id": task_id})


def _may_exist(task_id: str) -> bool:
    """Ids that we made are short and printable ASCII; others need not trouble Redis."""
    return len(task_id) <= _MOST_ID_CHARACTERS and task_id.isascii() and task_id.isprintable()
