"""Clients that speak no HTTP, or not quite."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from tests.app.wire import BODY, HEAD, LIVEZ, READ_SECONDS, URL, Listen, is_refusal


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost a\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\x1b[31mb\r\n\r\n", 400),
        (b"GET /livez HTTP/7.1\r\nHost: localhost\r\n\r\n", 400),
        (b"G\x1bT /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (
            b"POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
        (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET /livez HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * 200 + b"\r\n", 400),
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


async def test_an_idempotency_key_that_is_no_text_is_a_key_like_any_other(listen: Listen) -> None:
    link = await (await listen())()
    for replayed in (False, True):
        await link.send(HEAD.replace(b"Host: localhost", b"Host: localhost\r\nIdempotency-Key: \xff\xfe") + BODY)
        reply = await link.reply()
        assert (reply.status, "idempotent-replayed" in reply.headers) == (200, replayed)


async def test_requests_sent_ahead_are_answered_in_order(listen: Listen) -> None:
    link = await (await listen())()
    await link.send(LIVEZ * 3 + LIVEZ.replace(b"livez", b"nothing") + LIVEZ)
    assert [(await link.reply()).status for _ in range(5)] == [200, 200, 200, 404, 200]


async def test_a_body_that_nobody_reads_need_not_be_what_its_headers_say(
    listen: Listen, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    head = HEAD.replace(b"application/json", b"text/plain")
    head = head.replace(f"Content-Length: {len(BODY)}".encode(), b"Transfer-Encoding: chunked")
    link = await (await listen())()
    await link.send(head)
    assert is_refusal(await link.reply(), 415)
    await link.send(b"zz\r\n")
    assert await link.closed() == b""
    shown = capfd.readouterr()
    assert "Traceback" not in shown.out + shown.err + caplog.text


_LINES = st.lists(st.binary(max_size=30) | st.sampled_from([b"Host: ::1", b"Content-Length: 3", b"Expect: x", b"X:"]))


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
