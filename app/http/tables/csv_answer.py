"""Rows as comma-separated values (RFC 4180), sent as they come."""

import csv
import io
from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from app.http.headers import API_HEADERS

_TYPE: Final = "text/csv"
_ROWS_AT_ONCE: Final = 500
#: A spreadsheet takes a cell that begins so for a formula; with an apostrophe before it, for text.
#: Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def wants_csv(request: web.Request) -> bool:
    """Whether the client asks for CSV by its Accept header."""
    accepted = request.headers.get("Accept", "").lower()
    return any(part.split(";")[0].strip() == _TYPE for part in accepted.split(","))


async def csv_answer(
    request: web.Request, columns: Sequence[str], rows: AsyncIterable[Mapping[str, Any]]
) -> web.StreamResponse:
    """A header and one line a row; no cell is a formula. The first rows are read before anything is sent."""
    response = web.StreamResponse(headers={**API_HEADERS, "Content-Type": f"{_TYPE}; charset=utf-8"})
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    count = 0
    async for row in rows:
        writer.writerow([_cell(row[name]) for name in columns])
        count += 1
        if count % _ROWS_AT_ONCE == 0:
            await _send(request, response, text)
    await _send(request, response, text)
    await response.write_eof()
    return response


async def _send(request: web.Request, response: web.StreamResponse, text: io.StringIO) -> None:
    if not response.prepared:
        await response.prepare(request)
    await response.write(text.getvalue().encode())
    text.seek(0)
    text.truncate()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
