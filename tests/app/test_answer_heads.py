"""What stands in front of an answer: whether its connection goes on, and headers of which none ends another."""

import time
from email.utils import parsedate_to_datetime

import pytest
from aiohttp import web

from app.http.answers import json_answer
from tests.app.wire import READ_SECONDS, Link, Listen
from tests.processes import BASE_PATH

ASK = f"GET {BASE_PATH}/tasks HTTP/%s\r\nHost: localhost\r\n%s\r\n"


async def _head(link: Link) -> tuple[str, dict[str, str]]:
    """The status line and the headers of the next answer, whose body is read."""
    first, *lines = (await link.reader.readuntil(b"\r\n\r\n")).decode().removesuffix("\r\n\r\n").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    await link.reader.readexactly(int(headers["Content-Length"]))
    return first, headers


@pytest.mark.parametrize(
    ("version", "asked", "goes_on"),
    [
        ("1.1", "", True),
        ("1.1", "Connection: close\r\n", False),
        ("1.0", "", False),
        ("1.0", "Connection: keep-alive\r\n", True),
    ],
)
async def test_an_answer_says_whether_its_connection_goes_on_and_is_right(
    listen: Listen, version: str, asked: str, *, goes_on: bool
) -> None:
    link = await (await listen())()
    told = {("1.1", True): None, ("1.0", True): "keep-alive"}.get((version, goes_on), "close")
    for _ in range(2 if goes_on else 1):
        await link.send((ASK % (version, asked)).encode())
        first, headers = await _head(link)
        assert first == f"HTTP/{version} 200 OK"
        assert headers.get("Connection") == told
    if not goes_on:
        assert await link.closed() == b""


async def test_an_answer_has_its_length_its_type_its_id_and_the_time_at_which_it_left(listen: Listen) -> None:
    link = await (await listen())()
    await link.send((ASK % ("1.1", "")).encode())
    _, headers = await _head(link)
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert abs(parsedate_to_datetime(headers["Date"]).timestamp() - time.time()) < READ_SECONDS
    assert len(headers["X-Request-ID"]) == 36


@pytest.mark.parametrize("text", ["a\r\nX-Other: b", "a\nX-Other: b", "a\x00", "a\x7f"])
async def test_nothing_is_sent_of_an_answer_one_of_whose_headers_would_end_its_line(listen: Listen, text: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return json_answer({}, headers={"X-Text": text})

    link = await (await listen(web.get("/answer", answer)))()
    await link.send(b"GET /answer HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert await link.closed() == b""
