"""GET /stream: news for pages that stay open."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import ANSWERED, CLIENT, REQUEST_ID, SETTINGS
from app.endpoints.documented import answered_in, refused_with
from app.endpoints.health import health_of
from app.endpoints.seeing.overview import overview_of
from app.endpoints.streaming.board import BOARD, Board
from app.endpoints.streaming.frames import Parts
from app.endpoints.streaming.room import FULL, ROOM, Room
from app.errors import InvalidRequest, LedgerAway, TooManyConnections
from app.http.cors import allowance
from app.http.headers import API_HEADERS
from app.http.query import read_query, whole
from app.security.addresses import home_of
from app.settings import Settings

_MOST_SECONDS: Final = 86_400
_SECONDS_FAULT: Final = f"be a whole number from 1 to {_MOST_SECONDS}."
#: A proxy in front must pass each frame on at once (https://nginx.org/en/docs/http/ngx_http_proxy_module.html).
_HEADERS: Final = API_HEADERS | {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
_EXAMPLE: Final = (
    'event: snapshot\ndata: {"health":{"status":"healthy","redis":true,"workers":1,"beat":true,"queue_depth":0}}\n\n'
    'event: change\ndata: {"health":{"status":"healthy","redis":true,"workers":1,"beat":true,"queue_depth":1}}\n\n'
)
_FOR_SECONDS: Final = whole(
    "for_seconds",
    "End it after so long, e.g. `3`, before which a page that shows whole answers, as /api/docs does, shows none;"
    " without, it goes on for as long as you listen",
    1,
    _MOST_SECONDS,
)


def add_board(app: web.Application, settings: Settings) -> None:
    """Adds what the streams of an application have in common."""

    async def read(name: str | None) -> Parts:
        health, reachable = await health_of(app, name)
        parts = {"health": _without(health, "timestamp")}
        if reachable:
            with suppress(LedgerAway):  # it went since
                parts["overview"] = _without(await overview_of(app, name), "now")
        return parts

    app[BOARD] = Board(read)
    app[ROOM] = Room(settings.max_connections)
    app.on_shutdown.append(app[BOARD].close)


@docs(
    tags=["Health"],
    summary="Listen to what is going on",
    description=(
        "Server-sent events, each with an object in JSON: first a `snapshot`, then a `change` with those of its parts"
        " that differ, at most one a second; a line of comment every five seconds while nothing does. Tells a name of"
        " its own tasks only."
    ),
    parameters=[_FOR_SECONDS.documented],
    responses=answered_in("text/event-stream", "Events, until one side has enough", _EXAMPLE)
    | refused_with(
        InvalidRequest,
        "`for_seconds` is no such number",
        "not a number of seconds",
        f"for_seconds must {_SECONDS_FAULT}",
        {"for_seconds": f"Must {_SECONDS_FAULT}"},
    )
    | refused_with(
        TooManyConnections, "Half of MAX_CONNECTIONS listen, or a quarter with this key's name", "too many listen", FULL
    ),
)
async def stream(request: web.Request) -> web.StreamResponse:
    """Tells, until the client leaves or the process ends."""
    settings = request.app[SETTINGS]
    seconds = read_query(request, [_FOR_SECONDS]).get("for_seconds")
    name = request.get(CLIENT)
    whose = None if settings.tenants.sees_figures(name) else name
    forwarded = request.headers.getall("X-Forwarded-For", ())
    listener = name or home_of(request.remote or "", forwarded, settings.trusted_proxies)
    with request.app[ROOM].place(listener, request.protocol):
        told = {"X-Request-ID": request[REQUEST_ID], **allowance(request, settings.cors_origins)}
        response = web.StreamResponse(headers=_HEADERS | told)
        await response.prepare(request)
        request[ANSWERED] = time.perf_counter()
        if request.method != "HEAD":
            await _tell(response, request.app[BOARD], whose, seconds)
    return response


def _without(told: Mapping[str, Any], instant: str) -> dict[str, Any]:
    """What is told without the instant it is of, which alone is no news."""
    return {field: value for field, value in told.items() if field != instant}


async def _tell(response: web.StreamResponse, board: Board, whose: str | None, seconds: int | None) -> None:
    try:
        async with asyncio.timeout(seconds), aclosing(board.listen(whose)) as news:
            async for frame in news:
                await response.write(frame)
    except (TimeoutError, ConnectionError):
        return
