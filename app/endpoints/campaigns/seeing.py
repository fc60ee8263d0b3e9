"""GET /tasks/{id}/calls: what became of each number, as pages of JSON or as one CSV file."""

import csv
import io
import re
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import ANSWERED, CAMPAIGNS, LEDGER, REQUEST_ID, SETTINGS
from app.endpoints.campaigns.access import not_found, shown_task
from app.endpoints.campaigns.rows import ATTEMPT_FIELDS, WAITS_FOR, Surroundings, told_row
from app.endpoints.documented import NO_TASK, TASK_ANSWERS, TASK_ID, answered_with, refused_with
from app.errors import InvalidRequest, LedgerAway, NotFound
from app.http.answers import json_answer
from app.http.cors import allowance
from app.http.headers import API_HEADERS
from app.http.query import LIMIT, cursor, limit_of, next_cursor, one_of, read_query
from app.http.tables.csv_answer import wants_csv
from schemas.bodies.campaigns.rows import TaskCalls
from schemas.campaigns.cells import cell
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
_CSV: Final = "text/csv"
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
        return await _file(request, task_id, behind, asked, around)
    page = await _page(request, task_id, behind, limit_of(asked), asked)
    rows = _told(task_id, page, around, asked)
    return json_answer({"calls": rows, "next_cursor": next_cursor(f"r:{page.behind}") if page.behind else None})


async def _surroundings(request: web.Request, task_id: str) -> Surroundings:
    limits = request.app[SETTINGS].limits
    found = await request.app[LEDGER].explained(task_id, limits)
    if found is None:
        raise not_found(task_id)
    return Surroundings.of(found[1], limits)


async def _page(request: web.Request, task_id: str, behind: int, most: int, asked: dict[str, Any]) -> Page:
    marks = marks_of(CallOutcome(asked["outcome"])) if "outcome" in asked else ""
    if "waiting_for" in asked:
        marks = "".join(mark for mark in marks_of(CallOutcome.WAITING) if not marks or mark in marks) or "-"
    page = await request.app[CAMPAIGNS].page(task_id, behind, most, marks)
    if page is None:
        raise not_found(task_id)
    return page


def _told(task_id: str, page: Page, around: Surroundings, asked: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [told_row(task_id, row, around) for row in page.rows]
    return [row for row in rows if asked.get("waiting_for") in {None, row["waiting_for"]}]


async def _file(
    request: web.Request, task_id: str, behind: int, asked: dict[str, Any], around: Surroundings
) -> web.StreamResponse:
    first = await _page(request, task_id, behind, _ROWS_OF_FILE, asked)
    headers = {
        **API_HEADERS,
        "Content-Type": f"{_CSV}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="calls-{task_id}.csv"',
        "X-Request-ID": request[REQUEST_ID],
        **allowance(request, request.app[SETTINGS].cors_origins),
    }
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    request[ANSWERED] = time.perf_counter()
    if request.method == "HEAD":
        return response
    try:
        await response.write(_lines([dict(zip(COLUMNS, COLUMNS, strict=True))]))
        async for page in _pages(request, task_id, first, asked):
            await response.write(_lines([_flat(row) for row in _told(task_id, page, around, asked)]))
    except (LedgerAway, NotFound):  # half a file must not look like a whole one
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        pass
    return response


async def _pages(request: web.Request, task_id: str, first: Page, asked: dict[str, Any]) -> AsyncIterator[Page]:
    page = first
    while True:
        yield page
        if page.behind is None:
            return
        page = await _page(request, task_id, page.behind, _ROWS_OF_FILE, asked)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    last = row["attempts"][-1] if row["attempts"] else {}
    return row | dict.fromkeys(ATTEMPT_FIELDS) | last | {"attempts": len(row["attempts"])}


def _lines(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([cell(row[name]) for name in COLUMNS] for row in rows)
    return text.getvalue().encode()
