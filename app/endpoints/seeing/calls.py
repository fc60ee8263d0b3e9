"""GET /calls: calls over all tasks of a name, by last change."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from aiohttp import web
from aiohttp_apispec import docs

from app.context import CALLS, CLIENT, SETTINGS
from app.endpoints.campaigns.rows import WAITS_FOR, Surroundings, told_row
from app.endpoints.documented import STORE_AWAY, answered_with, refused_with
from app.errors import InvalidRequest
from app.http.answers import json_answer
from app.http.query import LIMIT, Parameter, cursor, instant, limit_of, next_cursor, one_of, read_query
from app.store.reading.calls import WINDOW_ROWS, WINDOW_TASKS, Calls, Shown, Window
from schemas.bodies.seeing.calls import CallList
from schemas.e164 import E164, E164_SENTENCE, number_of
from schemas.limits import Limits
from schemas.listing.calls import Touched
from schemas.listing.tasks import Place, Span
from schemas.moment import utc_text
from schemas.states import CallOutcome

_DAY_MS: Final = 86_400_000
#: The place of the window, and in it of the last call that was told.
_CURSOR: Final = cursor(re.compile(r"c:(\d{0,15}):([!-9;-~]{0,100}):(\d{0,15}):([!-9;-~]{0,100})", re.ASCII))
_READ_AT_ONCE: Final = 50
#: Rows that a page reads to find those that wait for what is asked for.
_MOST_READ: Final = 100


def _number(text: str) -> str:
    if (number := number_of(text)) is None:
        raise ValueError(f"{E164_SENTENCE}; a + in an address is written %2B.")
    return number


_PARAMETERS: Final = (
    LIMIT,
    _CURSOR,
    Parameter(
        "to_number",
        "Only calls to this number, E.164, of tasks queued in the last 24 h, or since `created_from` if that is given;"
        " e.g. `%2B12025550100`, since a + is written so in an address",
        {"type": "string", "pattern": f"^{E164.pattern}$"},
        _number,
    ),
    one_of("outcome", "Only calls with this outcome; e.g. `busy`", [str(outcome) for outcome in CallOutcome]),
    one_of("waiting_for", "Only calls that wait for this; e.g. `retry`", WAITS_FOR),
    one_of("undelivered", "`true`: only calls with events that their client did not take (yet)", ["true", "false"]),
    instant("created_from", "Only calls of tasks that were queued then or later; e.g. `2026-11-27T00:00:00Z`"),
    instant("created_to", "Only calls of tasks that were queued before; e.g. `2026-11-28T00:00:00Z`"),
)


@docs(
    tags=["Tasks"],
    summary="List calls",
    description="Calls that were attempted, and single ones that wait, over all tasks, by their last change, the newest"
    f" first. It looks through windows of {WINDOW_TASKS:,} tasks, the newest first, and of the campaigns among them at"
    f" the {WINDOW_ROWS:,} numbers that began last; what is live is always in the first. Within a window calls are in"
    " order; the next cursor leads on behind it. A page may be short, or empty, while `next_cursor` is not null.",
    parameters=[parameter.documented for parameter in _PARAMETERS],
    responses=answered_with(CallList, "A page of calls")
    | refused_with(InvalidRequest, "A parameter is unknown or wrong")
    | STORE_AWAY,
)
async def list_calls(request: web.Request) -> web.StreamResponse:
    """Tells of each call what the calls of its task tell, and which task that is."""
    asked = read_query(request, _PARAMETERS)
    settings, name = request.app[SETTINGS], request.get(CLIENT)
    clients = () if settings.tenants.sees_all(name) else (name or "",)
    from_ms = asked.get("created_from", round(time.time() * 1000) - _DAY_MS if "to_number" in asked else 0)
    at = _Spot.of(asked.get("cursor"))
    window = await request.app[CALLS].window(Span(clients, from_ms, asked.get("created_to")), at.window)
    most = limit_of(asked)
    rows, last = await _rows(request.app[CALLS], _behind(window, at, _may_fit(asked)), asked, most, settings.limits)
    following = at._replace(place=last.place) if last else _Spot(window.behind, None) if window.behind else None
    return json_answer({"calls": rows, "next_cursor": next_cursor(following.text) if following else None})


class _Spot(NamedTuple):
    """Where a list goes on."""

    window: Place | None
    place: tuple[int, str] | None  #: of the last call that was told, in the window

    @classmethod
    def of(cls, given: re.Match[str] | None) -> "_Spot":
        if given is None:
            return cls(None, None)
        window = Place(int(given[1]), given[2]) if given[1] else None
        return cls(window, (int(given[3]), given[4]) if given[3] else None)

    @property
    def text(self) -> str:
        window_ms, window_id = self.window or ("", "")
        place_ms, place_id = self.place or ("", "")
        return f"c:{window_ms}:{window_id}:{place_ms}:{place_id}"


def _may_fit(asked: dict[str, Any]) -> Callable[[Touched], bool]:
    outcome = asked.get("outcome", CallOutcome.WAITING if "waiting_for" in asked else None)
    undelivered = {"true": True, "false": False}.get(asked.get("undelivered", ""))

    def fits(call: Touched) -> bool:
        return (
            outcome in {None, call.outcome}
            and asked.get("to_number") in {None, call.number}
            and undelivered in {None, call.untold > 0}
            and ("waiting_for" not in asked or call.outcome is CallOutcome.WAITING)
        )

    return fits


def _behind(window: Window, at: _Spot, fits: Callable[[Touched], bool]) -> list[Touched]:
    """Calls of the window that may be told; what is live was told with the first window."""
    return [
        call
        for call in window.calls
        if fits(call)
        and (at.place is None or call.place < at.place)
        and not (at.window and call.outcome is CallOutcome.LIVE)
    ]


async def _rows(
    calls: Calls, candidates: list[Touched], asked: dict[str, Any], most: int, limits: Limits
) -> tuple[list[dict[str, Any]], Touched | None]:
    """Bodies, and the last call that was looked at; None if that was the window's last."""
    rows: list[dict[str, Any]] = []
    step = most if "waiting_for" not in asked else _READ_AT_ONCE
    for first in range(0, min(len(candidates), _MOST_READ), step):
        for one in await calls.shown(candidates[first : first + step]):
            row = await asyncio.to_thread(_told, one, limits) if one.row.row.timezone else _told(one, limits)
            if asked.get("waiting_for") in {None, row["waiting_for"]}:
                rows.append(row)
            if len(rows) == most:
                return rows, None if one.touched is candidates[-1] else one.touched
        if "waiting_for" not in asked:
            last = candidates[min(first + step, len(candidates)) - 1]
            return rows, None if last is candidates[-1] else last
    return rows, candidates[_MOST_READ - 1] if len(candidates) > _MOST_READ else None


def _told(one: Shown, limits: Limits) -> dict[str, Any]:
    row = told_row(one.touched.call_id, one.row, Surroundings.of(one.facts, limits))
    return row | {
        "task_id": one.touched.campaign_id or one.touched.call_id,
        "updated_at": utc_text(one.touched.updated_ms),
    }
