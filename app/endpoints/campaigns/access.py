"""Which task a request is about, if its client may know of it; and what it is told if not."""

from typing import NoReturn

from aiohttp import web

from app.endpoints.tasks import is_shown
from app.errors import Conflict, NotFound
from schemas.messages import task_of


async def shown_task(request: web.Request) -> str:
    """Id of the task; raises NotFound if there cannot be one that the client may see."""
    task_id = request.match_info["task_id"]
    if not await is_shown(request, task_id):
        raise not_found(task_id)
    return task_id


def not_found(task_id: str) -> NotFound:
    """There is no such task, or it is another name's."""
    return NotFound(f"Task {task_id} not found")


def raise_refusal(task_id: str, verdict: str) -> NoReturn:
    """Raises what a verb is told that does not fit the task."""
    if verdict == "gone":
        raise not_found(task_id)
    if verdict == "part":
        campaign_id = task_of(task_id)
        raise Conflict(f"Task {task_id} is a call of campaign {campaign_id}: steer that, or cancel the call by itself")
    if verdict == "single":
        raise Conflict(f"Task {task_id} is no campaign: queue further calls by themselves")
    raise Conflict(f"Task {task_id} is over; nothing of it can be changed any more")
