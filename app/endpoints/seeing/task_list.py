"""GET /tasks: every task of a name, newest first."""

import re
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import CLIENT, INDEX, SETTINGS
from app.endpoints.documented import STORE_AWAY, answered_with, refused_with
from app.endpoints.status import states_with, status_of, told_state
from app.errors import Forbidden, InvalidRequest
from app.http.answers import json_answer
from app.http.query import LIMIT, cursor, instant, limit_of, next_cursor, one_of, read_query, some_text
from app.store.reading.index import MOST_LOOKED_AT, Found, Wanted
from schemas.bodies.seeing.listed import KINDS, TaskList
from schemas.limits import Limits
from schemas.listing.tasks import Place, Sieve, Span
from schemas.records import CampaignRecord
from schemas.states import TaskStatus

_CURSOR: Final = cursor(re.compile(r"t:(\d{1,15}):([!-~]{1,100})", re.ASCII))
_PARAMETERS: Final = (
    LIMIT,
    _CURSOR,
    one_of("kind", "Only tasks of this kind; e.g. `bulk`", KINDS),
    one_of("status", "Only tasks with this status; e.g. `PROGRESS`", [str(status) for status in TaskStatus]),
    some_text("name", "Only tasks whose `name` begins so; e.g. `Reminders`"),
    some_text("external_id", "Only tasks with exactly this `external_id`; e.g. `order-4711`"),
    some_text("client", "Only tasks of this name of an API key; for names that see everybody's. E.g. `shop`"),
    instant("created_from", "Only tasks that were queued then or later; e.g. `2026-11-27T00:00:00Z`"),
    instant("created_to", "Only tasks that were queued before; e.g. `2026-11-28T00:00:00Z`"),
)


@docs(
    tags=["Tasks"],
    summary="List tasks",
    description=(
        "Newest first; filters are and-ed. A page looks at no more than "
        f"{MOST_LOOKED_AT} tasks: it may be short, or empty, while `next_cursor` is not null."
    ),
    parameters=[parameter.documented for parameter in _PARAMETERS],
    responses=answered_with(TaskList, "A page of tasks")
    | refused_with(InvalidRequest, "A parameter is unknown or wrong")
    | refused_with(Forbidden, "`client` was given, and the key does not see everybody's tasks")
    | STORE_AWAY,
)
async def list_tasks(request: web.Request) -> web.StreamResponse:
    """Tells of each task what task-status does, and what kind it is."""
    asked = read_query(request, _PARAMETERS)
    behind = Place(int(asked["cursor"][1]), asked["cursor"][2]) if "cursor" in asked else None
    found, next_place = await request.app[INDEX].page(_wanted(request, asked), behind, limit_of(asked))
    shows_client = request.get(CLIENT) is not None and request.app[SETTINGS].tenants.sees_figures(request[CLIENT])
    limits = request.app[SETTINGS].limits
    return json_answer(
        {
            "tasks": [_row(one, limits, shows_client=shows_client) for one in found],
            "next_cursor": next_cursor(f"t:{next_place.created_ms}:{next_place.task_id}") if next_place else None,
        }
    )


def _wanted(request: web.Request, asked: dict[str, Any]) -> Wanted:
    """Whose tasks, and which of them; raises Forbidden for another name's."""
    tenants, name = request.app[SETTINGS].tenants, request.get(CLIENT)
    client = asked.get("client")
    if client is not None and not tenants.sees_figures(name):
        raise Forbidden("This API key may not ask for the tasks of a name: an admin's may.")
    clients = () if client is None and tenants.sees_all(name) else (name or "",) if client is None else (client,)
    status = asked.get("status")

    def fits(found: Found) -> bool:
        return status is None or status_of(found.task) == status

    span = Span(clients, asked.get("created_from", 0), asked.get("created_to"))
    states = states_with(TaskStatus(status)) if status else ()
    sieve = Sieve(asked.get("kind", ""), asked.get("name", ""), asked.get("external_id", ""), states)
    return Wanted(span, sieve, fits)


def _row(found: Found, limits: Limits, *, shows_client: bool) -> dict[str, Any]:
    task, fields = found.task, found.fields
    row = told_state(task, found.facts, limits)
    row["kind"] = fields.get("kind", "")
    row |= {name: fields.get(name) or None for name in ("name", "external_id")}
    if not isinstance(task, CampaignRecord):
        row["to_number"] = task.to
    if shows_client:
        row["client"] = found.listed.client or None
    return row
