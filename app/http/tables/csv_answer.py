"""Rows as comma-separated values (RFC 4180), sent as they come."""

import csv
import io
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from aiohttp import web

from app.context import ANSWERED, REQUEST_ID, SETTINGS
from app.errors import LedgerAway, NotFound
from app.http.cors import allowance
from app.http.headers import API_HEADERS
from schemas.campaigns.cells import cell

Rows = Sequence[Mapping[str, Any]]

_TYPE: Final = "text/csv"


def wants_csv(request: web.Request) -> bool:
    """Whether the client asks for CSV by its Accept header."""
    accepted = request.headers.get("Accept", "").lower()
    return any(part.split(";")[0].strip() == _TYPE for part in accepted.split(","))


async def csv_answer(
    request: web.Request, columns: Sequence[str], pages: AsyncGenerator[Rows, None], **headers: str
) -> web.StreamResponse:
    """A header and one line a row; no cell is a formula. The first page is read before anything is sent."""
    async with aclosing(pages):
        first = await anext(pages, ())
        response = web.StreamResponse(headers=_headers(request) | headers)
        await response.prepare(request)
        request[ANSWERED] = time.perf_counter()
        if request.method == "HEAD":
            return response
        try:
            await response.write(_lines([columns, *_cells(columns, first)]))
            async for rows in pages:
                await response.write(_lines(_cells(columns, rows)))
        except (LedgerAway, NotFound):  # half a file must not look like a whole one
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            pass
    return response


def _headers(request: web.Request) -> dict[str, str]:
    """What middlewares would add, had the answer not begun before they see it."""
    told = {"Content-Type": f"{_TYPE}; charset=utf-8", "X-Request-ID": request[REQUEST_ID]}
    return API_HEADERS | told | allowance(request, request.app[SETTINGS].cors_origins)


def _cells(columns: Sequence[str], rows: Rows) -> Iterable[list[str]]:
    return ([cell(row[name]) for name in columns] for row in rows)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
