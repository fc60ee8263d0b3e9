"""Clients that never come to an end."""

import asyncio
import time

import pytest
from aiohttp import web
from redis import Redis

from tests.app.wire import BODY, HEAD, LIVEZ, SHORT_SECONDS, URL, Listen, is_refusal, until_let_in

LARGE_BYTES = 20_000_000


async def large(request: web.Request) -> web.Response:
    """More than the system keeps for a client that does not read."""
    return web.Response(body=bytes(LARGE_BYTES))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("first", [b"G", LIVEZ[:-1], HEAD[:60]])
@pytest.mark.parametrize("before", [b"", LIVEZ])
async def test_a_head_that_does_not_end_is_cut_off(listen: Listen, before: bytes, first: bytes) -> None:
    link = await (await listen())()
    if before:
        await link.send(before)
        assert (await link.reply()).status == 200
    began = time.monotonic()
    await link.send(first)
    assert is_refusal(await link.reply(), 408)
    assert await link.closed() == b""
    assert time.monotonic() - began > SHORT_SECONDS * 0.9


@pytest.mark.usefixtures("quick")
async def test_a_head_that_trickles_is_cut_off_too(listen: Listen) -> None:
    link = await (await listen())()
    reply = asyncio.create_task(link.reply())
    endless = b"GET /livez HTTP/1.1\r\nX-Padding: " + b"a" * 400
    assert await link.trickle(endless, SHORT_SECONDS / 6) < len(endless)
    assert is_refusal(await reply, 408)


@pytest.mark.usefixtures("quick")
async def test_a_connection_on_which_nothing_comes_is_closed_without_a_word(listen: Listen) -> None:
    assert await (await (await listen())()).closed() == b""


async def test_a_connection_that_idles_between_requests_is_closed(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.connections.IDLE_SECONDS", SHORT_SECONDS)
    link = await (await listen())()
    await link.send(LIVEZ)
    assert (await link.reply()).status == 200
    assert await link.closed() == b""


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("path", [URL, "/api/v1/twilio/call-status"])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_does_not_end_is_cut_off(listen: Listen, redis: "Redis", path: str, chunked: bool) -> None:
    link = await (await listen())()
    head = HEAD.replace(URL.encode(), path.encode())
    if chunked:
        head = head.replace(f"Content-Length: {len(BODY)}".encode(), b"Transfer-Encoding: chunked")
    await link.send(head)
    await link.trickle(b"10\r\n" if chunked else BODY[:4], SHORT_SECONDS / 10)
    assert is_refusal(await link.reply(), 408)
    assert await link.closed() == b""
    assert redis.dbsize() == 0


async def test_a_client_that_does_not_read_its_answer_is_cut_off(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.connections.UNREAD_SECONDS", SHORT_SECONDS)
    connect = await listen(web.get("/large", large), MAX_CONNECTIONS="1")
    unread = await connect()
    await unread.send(LIVEZ.replace(b"livez", b"large"))
    await until_let_in(connect)


async def test_a_client_that_reads_slowly_gets_all(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.http.connections.UNREAD_SECONDS", 4 * SHORT_SECONDS)
    link = await (await listen(web.get("/large", large)))()
    await link.send(LIVEZ.replace(b"livez", b"large"))
    await link.reader.readuntil(b"\r\n\r\n")
    for _ in range(4):
        await asyncio.sleep(SHORT_SECONDS / 2)
        await link.reader.readexactly(LARGE_BYTES // 4)


async def test_slow_but_in_time_is_good_enough_for_each_request_of_a_connection(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for patience in ("connections.HEAD_SECONDS", "body.reading.BODY_SECONDS"):
        monkeypatch.setattr(f"app.http.{patience}", 2.0)
    link = await (await listen())()
    for _ in range(2):
        for part in (HEAD[:20], HEAD[20:], BODY[:5], BODY[5:]):
            await link.send(part)
            await asyncio.sleep(0.3)
        assert (await link.reply()).status == 200


@pytest.mark.usefixtures("quick")
async def test_an_answer_may_take_longer_than_a_question(listen: Listen) -> None:
    async def ponder(request: web.Request) -> web.Response:
        await asyncio.sleep(2 * SHORT_SECONDS)
        return web.json_response({})

    link = await (await listen(web.get("/ponder", ponder)))()
    for _ in range(2):
        await link.send(LIVEZ.replace(b"livez", b"ponder"))
        assert (await link.reply()).status == 200
