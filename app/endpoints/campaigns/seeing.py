"""GET /tasks/{id}/calls: what became of each number, as pages of JSON or as one CSV file."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import CAMPAIGNS, EXPLANATIONS, SETTINGS
from app.endpoints.campaigns.access import not_found, shown_task
from app.endpoints.campaigns.rows import ATTEMPT_FIELDS, WAITS_FOR, Surroundings, told_row
from app.endpoints.documented import NO_TASK, TASK_ANSWERS, TASK_ID, answered_with, refused_with
from app.errors import InvalidRequest
from app.http.answers import json_answer
from app.http.query import LIMIT, cursor, limit_of, next_cursor, one_of, read_query
from app.http.tables.csv_answer import csv_answer, wants_csv
from schemas.bodies.campaigns.rows import TaskCalls
from schemas.campaigns.marks import marks_of
from schemas.campaigns.page import Page
from schemas.states import CallOutcome

_CURSOR: Final = cursor(re.compile(r"r:(\d{1,9})", re.ASCII))
_PARAMETERS: Final = (
    LIMIT,
    _CURSOR,
    one_of("outcome", "Only rows with this outcome; e.g. `busy`", [str(outcome) for outcome in CallOutcome]),
    one_of("waiting_for", "Only rows that wait for this; e.g. `retry`", WAITS_FOR),
)
_ROWS_OF_FILE: Final = 500
COLUMNS: Final = (
    "call_id",
    "to_number",
    "external_id",
    "outcome",
    "waiting_for",
    "next_attempt_at",
    "attempts",
    *ATTEMPT_FIELDS,
)


@docs(
    tags=["Tasks"],
    summary="See each number of a task",
    description="One row for each number, in the order given, those not dialled yet too; of a single call one row. With"
    " `Accept: text/csv` all rows come as one file, with the last attempt's fields: a cell that a spreadsheet would"
    " take for a formula, which every E.164 number is, begins with an apostrophe. A page may be short, or empty, while"
    " `next_cursor` is not null.",
    parameters=[TASK_ID, *(parameter.documented for parameter in _PARAMETERS)],
    responses=answered_with(TaskCalls, "A page of rows; a file with `Accept: text/csv`")
    | refused_with(InvalidRequest, "A parameter is unknown or wrong")
    | NO_TASK
    | TASK_ANSWERS,
)
async def task_calls(request: web.Request) -> web.StreamResponse:
    """Tells what became of each number."""
    task_id = await shown_task(request)
    asked = read_query(request, _PARAMETERS)
    behind = int(asked["cursor"][1]) if "cursor" in asked else 0
    around = await _surroundings(request, task_id)
    if wants_csv(request):
        return await csv_answer(
            request,
            COLUMNS,
            _pages(request, task_id, behind, asked, around),
            **{"Content-Disposition": f'attachment; filename="calls-{task_id}.csv"'},
        )
    page = await _page(request, task_id, behind, limit_of(asked), asked)
    rows = await _told(task_id, page, around, asked)
    return json_answer({"calls": rows, "next_cursor": next_cursor(f"r:{page.behind}") if page.behind else None})


async def _surroundings(request: web.Request, task_id: str) -> Surroundings:
    explained = await request.app[EXPLANATIONS].of(task_id)
    if explained is None:
        raise not_found(task_id)
    return Surroundings.of(explained.facts, request.app[SETTINGS].limits)


async def _page(request: web.Request, task_id: str, behind: int, most: int, asked: dict[str, Any]) -> Page:
    marks = marks_of(CallOutcome(asked["outcome"])) if "outcome" in asked else ""
    if "waiting_for" in asked:
        marks = "".join(mark for mark in marks_of(CallOutcome.WAITING) if not marks or mark in marks) or "-"
    page = await request.app[CAMPAIGNS].page(task_id, behind, most, marks)
    if page is None:
        raise not_found(task_id)
    return page


async def _told(task_id: str, page: Page, around: Surroundings, asked: dict[str, Any]) -> list[dict[str, Any]]:
    def tell() -> list[dict[str, Any]]:
        rows = [told_row(task_id, row, around) for row in page.rows]
        return [row for row in rows if asked.get("waiting_for") in {None, row["waiting_for"]}]

    looks_up_zones = any(row.row.timezone for row in page.rows)
    return await asyncio.to_thread(tell) if looks_up_zones else tell()


async def _pages(
    request: web.Request, task_id: str, behind: int, asked: dict[str, Any], around: Surroundings
) -> AsyncGenerator[list[dict[str, Any]], None]:
    """Rows of a file, many at once."""
    following: int | None = behind
    while following is not None:
        page = await _page(request, task_id, following, _ROWS_OF_FILE, asked)
        yield [_flat(row) for row in await _told(task_id, page, around, asked)]
        following = page.behind


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    last = row["attempts"][-1] if row["attempts"] else {}
    return row | dict.fromkeys(ATTEMPT_FIELDS) | last | {"attempts": len(row["attempts"])}
