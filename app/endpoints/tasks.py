"""The endpoints about a task that was accepted."""

from typing import Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import CLIENT, EXPLANATIONS, LEDGER, SETTINGS
from app.endpoints.documented import NO_TASK, TASK_ANSWERS, TASK_ID, answered_with, refused_with
from app.endpoints.examples.tasks import STATES
from app.endpoints.status import told_state
from app.errors import Conflict, NotFound
from app.http.answers import json_answer
from app.http.audit import audited
from runtime.masking import mask_numbers
from schemas.bodies.responses import TaskCancelled, TaskDeleted
from schemas.bodies.task_state import TaskState
from schemas.bodies.telling import TASK_ID as ID
from schemas.records import TaskRecord
from schemas.scripts.cancel import Cancellation
from schemas.scripts.explain import Facts

#: Of an answer that tells where a task stands.
ETAG: Final = {"ETag": {"description": "Counts the edits of the task", "schema": {"type": "string"}, "example": '"1"'}}

_MOST_ID_CHARACTERS: Final = 100
#: A deleted call's SID stays taken while another call may be in doubt and looked for.
_SID_SECONDS: Final = 86_400.0


@docs(
    tags=["Tasks"],
    summary="Get the status of a task",
    description="Tells where a call or a campaign stands; `message` says why it waits, `result` what became of it. Ask"
    " every few seconds while `status` is `PENDING` or `PROGRESS`, and while `result.outcome` is `live`: `SUCCESS`"
    " means that Twilio took the call. A record is kept for CALL_RETENTION_DAYS after its end.",
    parameters=[TASK_ID],
    responses=answered_with(TaskState, "Where the task stands", headers=ETAG, examples=STATES) | NO_TASK | TASK_ANSWERS,
)
async def task_status(request: web.Request) -> web.StreamResponse:
    """Tells what became of a call or a campaign."""
    task_id = request.match_info["task_id"]
    if not await is_shown(request, task_id):
        raise NotFound(f"Task {task_id} not found")
    app = request.app
    limits = app[SETTINGS].limits
    task, facts = there(task_id, await app[EXPLANATIONS].task(task_id))
    return json_answer(told_state(task, facts, limits), headers={"ETag": f'"{facts.edits}"'})


def there(task_id: str, found: tuple[TaskRecord, Facts] | None) -> tuple[TaskRecord, Facts]:
    """What was found; raises NotFound if that is nothing."""
    if found is None:
        raise NotFound(f"Task {task_id} not found")
    return found


@docs(
    tags=["Tasks"],
    summary="Cancel a task",
    description="After this nothing of the task is dialled any more, and its live calls are hung up. To cancel again"
    " changes nothing and is answered the same.",
    parameters=[TASK_ID],
    responses=answered_with(TaskCancelled, "No further call of the task will be placed; live calls are hung up")
    | refused_with(
        NotFound,
        "There is no such task, or it has ended",
        "unknown id",
        f"Task {ID} not found or could not be cancelled",
    )
    | TASK_ANSWERS,
)
async def cancel_task(request: web.Request) -> web.StreamResponse:
    """Cancels what has not been dialled, and hangs up what is live."""
    task_id = request.match_info["task_id"]
    cancellation = Cancellation(done=False, leaving=())
    if await is_shown(request, task_id):
        deed = request.app[LEDGER].cancel(task_id, request.get(CLIENT, ""))
        cancellation = await audited(request, "cancel", deed, lambda one: one.done, task_id=mask_numbers(task_id))
    if not cancellation.done:
        raise NotFound(f"Task {task_id} not found or could not be cancelled")
    message = f"Task {task_id} cancelled successfully"
    if left := cancellation.left:
        calls = "1 call" if left == 1 else f"{left} calls"
        message += f"; {calls} had left for Twilio already, to be hung up as soon as it is known"
    return json_answer({"success": True, "message": message, "task_id": task_id})


@docs(
    tags=["Tasks"],
    summary="Delete what is kept of a task",
    description="Removes the record of a task that has ended, numbers and messages included, and those of a campaign's"
    " calls. Its Idempotency-Key is kept to the end of its 24 h, so that a repeated request still dials nothing.",
    parameters=[TASK_ID],
    responses=answered_with(TaskDeleted, "The record of the task is gone for good, with those of a campaign's calls")
    | NO_TASK
    | refused_with(
        Conflict,
        "The task is still going on",
        "going on",
        f"Task {ID} is still going on; cancel it first, or wait until it has ended",
    )
    | TASK_ANSWERS,
)
async def delete_task(request: web.Request) -> web.StreamResponse:
    """Removes the record of a task that has ended, numbers and messages included."""
    task_id = request.match_info["task_id"]
    verdict = "gone"
    if await is_shown(request, task_id):
        deed = request.app[LEDGER].forget(task_id, sid_seconds=_SID_SECONDS)
        verdict = await audited(request, "delete", deed, task_id=mask_numbers(task_id))
    if verdict == "gone":
        raise NotFound(f"Task {task_id} not found")
    if verdict == "going on":
        raise Conflict(f"Task {task_id} is still going on; cancel it first, or wait until it has ended")
    return json_answer({"success": True, "message": f"Task {task_id} deleted", "task_id": task_id})


async def is_shown(request: web.Request, task_id: str) -> bool:
    """Whether there may be such a task, and the client may know of it: to others it is as if it were not there."""
    tenants = request.app[SETTINGS].tenants
    if not _may_exist(task_id):
        return False
    if not tenants.isolated:
        return True
    name = request.get(CLIENT)
    return tenants.sees_all(name) or tenants.sees(name, await request.app[LEDGER].owner(task_id))


def _may_exist(task_id: str) -> bool:
    """Ids that we made are short and printable ASCII; others need not trouble Redis."""
    return len(task_id) <= _MOST_ID_CHARACTERS and task_id.isascii() and task_id.isprintable()
