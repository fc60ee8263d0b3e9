"""Clients that want too much, or do not stay for it."""

import asyncio
import zlib

import pytest
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request
from redis import Redis

from app.http.body.reading import BODY_LIMIT_BYTES, read_body
from tests.app.test_keys import API_KEYS
from tests.app.wire import BODY, HEAD, LIVEZ, Listen, is_refusal, until_let_in


async def test_beyond_the_most_connections_new_ones_are_turned_away_while_none_is_idle(listen: Listen) -> None:
    go_on = asyncio.Event()

    async def wait(_: web.Request) -> web.Response:
        await go_on.wait()
        return web.json_response({})

    connect = await listen(web.get("/wait", wait), MAX_CONNECTIONS="3")
    links = [await connect() for _ in range(3)]
    for link in links:
        await link.send(LIVEZ.replace(b"/livez", b"/wait"))
    turned_away = await connect()
    reply = await turned_away.reply()
    assert is_refusal(reply, 503)
    assert reply.headers["retry-after"] == "1"
    assert await turned_away.closed() == b""

    go_on.set()
    for link in links:
        assert (await link.reply()).status == 200
    await until_let_in(connect)


async def test_a_compressed_body_counts_by_what_it_unfolds_to(listen: Listen, redis: "Redis") -> None:
    bomb = zlib.compress(b" " * 50_000_000, 9, wbits=31)
    head = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    link = await (await listen())()
    await link.send(head.replace(f"Content-Length: {len(BODY)}".encode(), f"Content-Length: {len(bomb)}".encode()))
    await link.send(bomb)
    assert is_refusal(await link.reply(), 413)
    assert redis.dbsize() == 0


@pytest.mark.parametrize("surplus", [0, 1])
async def test_a_body_that_is_there_as_a_whole_counts_too(surplus: int) -> None:
    content = StreamReader(
        BaseProtocol(asyncio.get_running_loop()), 2 * BODY_LIMIT_BYTES, loop=asyncio.get_running_loop()
    )
    content.feed_data(b" " * (BODY_LIMIT_BYTES + surplus))
    content.feed_eof()
    request = make_mocked_request("POST", "/", payload=content)
    if surplus:
        with pytest.raises(web.HTTPRequestEntityTooLarge):
            await read_body(request)
    else:
        assert len(await read_body(request)) == BODY_LIMIT_BYTES


async def test_without_a_key_no_body_is_read(listen: Listen) -> None:
    link = await (await listen(API_KEYS=API_KEYS))()
    await link.send(HEAD)
    assert is_refusal(await link.reply(), 401)


async def test_a_key_that_is_no_text_is_a_wrong_one(listen: Listen) -> None:
    link = await (await listen(API_KEYS=API_KEYS))()
    await link.send(HEAD.replace(b"Host: localhost", b"Host: localhost\r\nX-API-Key: \xff\xfe"))
    assert is_refusal(await link.reply(), 401)


async def test_a_client_that_leaves_in_the_middle_is_no_surprise(
    listen: Listen, capfd: pytest.CaptureFixture[str]
) -> None:
    connect = await listen()
    expecting = HEAD.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    for sent in (b"POS", HEAD, HEAD + BODY[:10], HEAD + BODY, expecting):
        link = await connect()
        await link.send(sent)
        link.writer.close()
        await link.writer.wait_closed()
    alive = await connect()
    await alive.send(LIVEZ)
    assert (await alive.reply()).status == 200
    shown = capfd.readouterr()
    assert "request_failed" not in shown.out
    assert "Traceback" not in shown.out + shown.err
