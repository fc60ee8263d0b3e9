"""Answers in JSON: what was asked for, or an error with `detail` and `code`."""

import json
import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import HttpVersion, HttpVersion11

from app.errors import (
    ApiError,
    Conflict,
    Forbidden,
    HeadersTooLarge,
    Internal,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    UnknownExpectation,
)
from app.http.headers import API_HEADERS

_OK: Final = int(HTTPStatus.OK)
#: As they go over the wire: the same in front of every answer.
_HEADERS: Final = "".join(
    f"{name}: {text}\r\n" for name, text in {**API_HEADERS, "Content-Type": "application/json; charset=utf-8"}.items()
)
_OF_FRAMEWORK: Final[Mapping[int, type[ApiError]]] = {
    kind.status: kind
    for kind in (InvalidRequest, Forbidden, NotFound, Conflict, TooLarge, UnknownExpectation, HeadersTooLarge)
}


class Answer(web.StreamResponse):
    """
    A whole answer in JSON. `headers` holds what it has besides those that are the same in front of every answer.

    aiohttp's own copies, looks at and writes down each header anew, which takes longer than all else of an answer.
    """

    def __init__(self, text: bytes, headers: Mapping[str, str] | None = None, status: int = _OK) -> None:
        super().__init__(status=status, headers=headers)
        self._text = text

    @property
    def keep_alive(self) -> bool:
        """Whether another request may follow on its connection."""
        return super().keep_alive is None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Sends it; raises ValueError, and sends nothing, if a header would end its line."""
        lasts = request.keep_alive and self.keep_alive
        if not lasts:
            self.force_close()
        headers = self.headers
        lines = [f"{name}: {text}\r\n" for name, text in headers.items() if text.isprintable()]
        if len(lines) < len(headers):
            raise ValueError("A header holds a character that no header may hold.")
        first = _first_lines(request.version, self.status, lasts)
        last = f"Content-Length: {len(self._text)}\r\nDate: {_date(int(time.time()))}\r\n\r\n"
        head = "".join((first, *lines, last)).encode()
        await request.writer.write_eof(head if request.method == "HEAD" else head + self._text)
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to be sent."""


@lru_cache
def _first_lines(version: HttpVersion, status: int, lasts: bool) -> str:
    """What is the same in front of many answers; `lasts` if their connections go on."""
    told = "" if lasts else "Connection: close\r\n"
    if lasts and version < HttpVersion11:
        told = "Connection: keep-alive\r\n"
    return f"HTTP/{version.major}.{version.minor} {status} {HTTPStatus(status).phrase}\r\n{_HEADERS}{told}"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def json_answer(body: Mapping[str, Any], headers: Mapping[str, str] | None = None, status: int = _OK) -> Answer:
    """What is answered to a request that succeeded."""
    try:
        text = orjson.dumps(body)
    except TypeError:  # half of a surrogate pair, or a whole number of more than 64 bits
        text = json.dumps(body).encode()
    return Answer(text, headers, status)


def problem(error: ApiError) -> web.Response:
    """What the client gets."""
    return web.json_response(error.body(), status=error.status, headers=dict(error.headers))


def error_of(refusal: web.HTTPException) -> ApiError:
    """What aiohttp means by a refusal of its own; its words are left out."""
    if refusal.status == HTTPStatus.METHOD_NOT_ALLOWED:
        return MethodNotAllowed(refusal.headers.get("Allow", ""))
    return error_with(refusal.status)


def error_with(status: int) -> ApiError:
    """The error for a status that aiohttp has chosen."""
    other = InvalidRequest if status < HTTPStatus.INTERNAL_SERVER_ERROR else Internal
    return _OF_FRAMEWORK.get(status, other)()


def raw_problem(error: ApiError) -> bytes:
    """The answer as it goes over the wire, for a connection that never gets as far as a request."""
    body = json.dumps(error.body()).encode()
    headers = {
        **API_HEADERS,
        **error.headers,
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    first = f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}"
    return "\r\n".join([first, *(f"{name}: {text}" for name, text in headers.items()), "", ""]).encode() + body
