"""Rows as comma-separated values (RFC 4180), sent as they come."""

import csv
import io
import re
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from aiohttp import web

from app.context import ANSWERED, REQUEST_ID, SETTINGS
from app.errors import ApiError
from app.http.cors import allowance
from app.http.headers import API_HEADERS
from schemas.campaigns.cells import cell

Rows = Sequence[Mapping[str, Any]]

_TYPE: Final = "text/csv"
_WEIGHT: Final = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.ASCII)


def wants_csv(request: web.Request) -> bool:
    """Whether the client asks for CSV by its Accept header, and does not like JSON better (RFC 9110, 12.5.1)."""
    accepted = ",".join(request.headers.getall("Accept", ())).lower()
    weights = dict(_weighed(part) for part in accepted.split(","))
    return 0 < weights.get(_TYPE, 0) >= weights.get("application/json", 0)


def _weighed(part: str) -> tuple[str, float]:
    """A type, and how much it is liked."""
    found = _WEIGHT.search(part)
    return part.partition(";")[0].strip(), float(found[1]) if found else 1.0


async def csv_answer(
    request: web.Request, columns: Sequence[str], pages: AsyncGenerator[Rows, None], **headers: str
) -> web.StreamResponse:
    """A header and one line a row; no cell is a formula. The first page is read before anything is sent."""
    async with aclosing(pages):
        first: Rows = await anext(pages, [])  # no tuple: CPython 3.11 takes that for a StopIteration's arguments
        response = web.StreamResponse(headers=_headers(request) | headers)
        await response.prepare(request)
        request[ANSWERED] = time.perf_counter()
        if request.method == "HEAD":
            return response
        try:
            await response.write(_lines([columns, *_cells(columns, first)]))
            async for rows in pages:
                await response.write(_lines(_cells(columns, rows)))
        except ApiError:  # half a file must not look like a whole one
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
