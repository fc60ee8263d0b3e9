"""Clients that mean no good: what is not HTTP, what never ends, what is too much."""

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from app.application import create_app
from app.connections import Door
from app.settings import Settings
from tests.app.test_keys import API_KEYS
from tests.processes import BASE_PATH, free_port

URL = f"{BASE_PATH}/queue-single-call"
BODY = b'{"to_number": "+1234567890"}'
HEAD = (
    f"POST {URL} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
)
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
SHORT_SECONDS = 0.3
READ_SECONDS = 5.0
LARGE_BYTES = 20_000_000


@dataclass(frozen=True)
class Reply:
    """One answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: Any


class Link:
    """A connection on which any bytes may be sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def trickle(self, data: bytes, gap_seconds: float) -> None:
        """Byte by byte, until all is sent or the server has enough."""
        for byte in data:
            if self.reader.at_eof() or self.writer.is_closing():
                return
            self.writer.write(bytes([byte]))
            await asyncio.sleep(gap_seconds)

    async def reply(self) -> Reply:
        """The next answer, which must be JSON."""
        async with asyncio.timeout(READ_SECONDS):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
            headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines[1:])}
            body = await self.reader.readexactly(int(headers["content-length"]))
            return Reply(int(lines[0].split()[1]), headers, json.loads(body))

    async def closed(self) -> bytes:
        """What still comes before the server closes, which it must."""
        async with asyncio.timeout(READ_SECONDS):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


Call = Callable[[], Awaitable[Link]]
Listen = Callable[..., Awaitable[Call]]


@pytest.fixture
async def listen(redis: "Redis", variables: dict[str, str]) -> AsyncIterator[Listen]:
    """Starts web tiers behind their real door, and connects to them."""
    runners: list[web.AppRunner] = []
    links: list[Link] = []

    async def start(*routes: web.RouteDef, **settings: str) -> Call:
        read = Settings.read(variables | settings)
        app = create_app(read)
        app.add_routes(routes)
        runners.append(web.AppRunner(app, shutdown_timeout=0.1))
        await runners[-1].setup()
        port = free_port()
        await Door(runners[-1], "127.0.0.1", port, read.max_connections).start()

        async def connect() -> Link:
            links.append(Link(*await asyncio.open_connection("127.0.0.1", port)))
            return links[-1]

        return connect

    yield start
    for link in links:
        link.writer.close()
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little patience, so that the tests need little time."""
    monkeypatch.setattr("app.connections.HEAD_SECONDS", SHORT_SECONDS)
    monkeypatch.setattr("app.connections.LINGERING_SECONDS", 0.1)
    monkeypatch.setattr("app.body.BODY_SECONDS", SHORT_SECONDS)


async def large(request: web.Request) -> web.Response:
    """More than the system keeps for a client that does not read."""
    return web.Response(body=bytes(LARGE_BYTES))


async def _until_let_in(connect: Call) -> None:
    """Returns when there is room for another connection."""
    async with asyncio.timeout(READ_SECONDS):
        while True:
            link = await connect()
            await link.send(LIVEZ)
            if (await link.reply()).status == 200:
                return
            await asyncio.sleep(0.02)


def is_refusal(reply: Reply, status: int) -> bool:
    assert reply.status == status, reply
    assert set(reply.body) == ({"detail", "errors"} if "errors" in reply.body else {"detail"})
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "aiohttp" not in reply.headers["server"]
    return bool(reply.body["detail"])


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost a\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\x1b[31mb\r\n\r\n", 400),
        (b"GET /livez HTTP/7.1\r\nHost: a\r\n\r\n", 400),
        (b"G\x1bT /livez HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 200 + b"\r\n", 400),
        (HEAD.replace(b"\r\n\r\n", b"\r\nExpect: nonsense\r\n\r\n"), 417),
        (HEAD.replace(b"Content-Length: 28", b"Transfer-Encoding: chunked") + b"zz\r\n" + BODY, 400),
        (HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + BODY, 400),
    ],
    ids=lambda value: repr(value)[:60],
)
async def test_what_is_not_http_is_refused_as_json_like_all_else(
    listen: Listen, redis: "Redis", request_bytes: bytes, status: int
) -> None:
    link = await (await listen())()
    await link.send(request_bytes)
    assert is_refusal(await link.reply(), status)
    assert redis.dbsize() == 0


async def test_a_malformed_request_closes_its_connection_and_no_other(listen: Listen) -> None:
    connect = await listen()
    bad, good = await connect(), await connect()
    await bad.send(b"nonsense\r\n\r\n" + LIVEZ)
    assert (await bad.reply()).status == 400
    assert await bad.closed() == b""
    await good.send(LIVEZ)
    assert (await good.reply()).status == 200


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
    began = time.monotonic()
    await link.trickle(b"GET /livez HTTP/1.1\r\nX-Padding: " + b"a" * 200, SHORT_SECONDS / 6)
    assert time.monotonic() - began < READ_SECONDS
    assert is_refusal(await reply, 408)


@pytest.mark.usefixtures("quick")
async def test_a_connection_on_which_nothing_comes_is_closed_without_a_word(listen: Listen) -> None:
    assert await (await (await listen())()).closed() == b""


async def test_a_connection_that_idles_between_requests_is_closed(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.connections.IDLE_SECONDS", SHORT_SECONDS)
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
    monkeypatch.setattr("app.connections.UNREAD_SECONDS", SHORT_SECONDS)
    connect = await listen(web.get("/large", large), MAX_CONNECTIONS="1")
    unread = await connect()
    await unread.send(LIVEZ.replace(b"livez", b"large"))
    await _until_let_in(connect)


async def test_a_client_that_reads_slowly_gets_all(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.connections.UNREAD_SECONDS", 4 * SHORT_SECONDS)
    link = await (await listen(web.get("/large", large)))()
    await link.send(LIVEZ.replace(b"livez", b"large"))
    await link.reader.readuntil(b"\r\n\r\n")
    for _ in range(4):
        await asyncio.sleep(SHORT_SECONDS / 2)
        await link.reader.readexactly(LARGE_BYTES // 4)


@pytest.mark.usefixtures("quick")
async def test_slow_but_in_time_is_good_enough(listen: Listen) -> None:
    link = await (await listen())()
    for _ in range(2):
        for part in (HEAD[:20], HEAD[20:], BODY[:5], BODY[5:]):
            await link.send(part)
            await asyncio.sleep(SHORT_SECONDS / 10)
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


async def test_requests_sent_ahead_are_answered_in_order(listen: Listen) -> None:
    link = await (await listen())()
    await link.send(LIVEZ * 3 + LIVEZ.replace(b"livez", b"nothing") + LIVEZ)
    assert [(await link.reply()).status for _ in range(5)] == [200, 200, 200, 404, 200]


async def test_beyond_the_most_connections_new_ones_are_turned_away_until_one_ends(listen: Listen) -> None:
    connect = await listen(MAX_CONNECTIONS="3")
    links = [await connect() for _ in range(3)]
    for link in links:
        await link.send(LIVEZ)
        assert (await link.reply()).status == 200
    turned_away = await connect()
    reply = await turned_away.reply()
    assert is_refusal(reply, 503)
    assert reply.headers["retry-after"] == "1"
    assert await turned_away.closed() == b""
    await links[0].send(LIVEZ)
    assert (await links[0].reply()).status == 200

    links[1].writer.close()
    await links[1].writer.wait_closed()
    await _until_let_in(connect)


async def test_a_compressed_body_counts_by_what_it_unfolds_to(listen: Listen, redis: "Redis") -> None:
    bomb = zlib.compress(b" " * 50_000_000, 9, wbits=31)
    head = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    link = await (await listen())()
    await link.send(head.replace(f"Content-Length: {len(BODY)}".encode(), f"Content-Length: {len(bomb)}".encode()))
    await link.send(bomb)
    assert is_refusal(await link.reply(), 413)
    assert redis.dbsize() == 0


async def test_without_a_key_no_body_is_read(listen: Listen) -> None:
    link = await (await listen(API_KEYS=API_KEYS))()
    await link.send(HEAD)
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


async def test_a_body_that_nobody_reads_need_not_be_what_its_headers_say(
    listen: Listen, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    head = HEAD.replace(b"application/json", b"text/plain\r\nContent-Encoding: gzip")
    link = await (await listen())()
    await link.send(head)
    assert is_refusal(await link.reply(), 415)
    await link.send(BODY)
    assert await link.closed() == b""
    shown = capfd.readouterr()
    assert "Traceback" not in shown.out + shown.err + caplog.text


_LINES = st.lists(st.binary(max_size=30) | st.sampled_from([b"Host: a", b"Content-Length: 3", b"Expect: x", b"X:"]))
_REQUESTS = st.one_of(
    st.binary(min_size=1, max_size=200),
    st.builds(
        lambda method, path, version, lines, body: (
            b" ".join([method, path, version]) + b"\r\n" + b"\r\n".join([*lines, b"", b""]) + body
        ),
        st.sampled_from([b"GET", b"POST", b"DELETE", b"OPTIONS", b"CONNECT", b"PRI", b"get", b""]),
        st.sampled_from([b"/livez", b"*", b"/", URL.encode(), b"http://[/", b"//", b"/%"]) | st.binary(max_size=20),
        st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b""]),
        _LINES,
        st.binary(max_size=20),
    ),
)


async def test_whatever_bytes_come_no_answer_is_out_of_shape_and_none_is_our_fault(listen: Listen) -> None:
    connect = await listen()

    async def ask(request: bytes) -> bytes:
        link = await connect()
        await link.send(request)
        link.writer.write_eof()
        return await link.closed()

    loop = asyncio.get_running_loop()

    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(_REQUESTS)
    def check(request: bytes) -> None:
        told = asyncio.run_coroutine_threadsafe(ask(request), loop).result(READ_SECONDS)
        if told:
            head, _, body = told.partition(b"\r\n\r\n")
            status = int(head.split()[1])
            assert status < 500, told
            assert status < 400 or b'"detail"' in body or head.startswith(b"HEAD"), told

    await asyncio.to_thread(check)
