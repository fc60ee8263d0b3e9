"""What is on the wire when an event is passed on: the client's URL byte for byte, signed, and bounded answers."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import pytest
from aiohttp import ClientSession
from twilio.request_validator import RequestValidator

from app.relay.delivery import Sender, deliver
from app.relay.targets import anywhere, connector
from app.security.signature import HEADER
from schemas.scripts.relay import Parcel
from tests.app.client import PUBLIC
from tests.app.conftest import Start
from tests.app.target import all_told, retried, tell
from tests.app.test_targets import Names
from tests.closing import close_server, end_served
from tests.processes import AUTH_TOKEN
from tests.scripts.conftest import Store

WITHIN_SECONDS = 5.0


class RawServer:
    """A server that keeps what it gets as bytes."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
        self.endless = False
        self.port = 0
        self.served: list[asyncio.Task[None]] = []
        self.ends: list[asyncio.StreamWriter] = []

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.ends.append(writer)
        self.served.append(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.decode().split("\r\n") if line.lower().startswith("content-length"))
        self.requests.append(head + await reader.readexactly(int(length.partition(":")[2])))
        self.asked.set()
        try:
            while self.endless:
                writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" * 50)
                await writer.drain()
            writer.write(self.answer)
            await writer.drain()
        except ConnectionError:
            self.endless = False
        writer.close()

    async def one(self) -> tuple[str, dict[str, str], dict[str, str]]:
        """The only request: its target, its headers in lower case, its form."""
        async with asyncio.timeout(WITHIN_SECONDS):
            await self.asked.wait()
        (request,) = self.requests
        head, _, body = request.decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return first.split(" ")[1], headers, dict(parse_qsl(body, keep_blank_values=True))


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    server = RawServer()
    listening = await asyncio.start_server(server.accept, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    await close_server(listening)
    await end_served(server.served, server.ends)


@pytest.mark.parametrize("host", ["127.0.0.1", "LocalHost"])
@pytest.mark.parametrize(
    ("given", "requested"),
    [
        ("/strict?next=https%3A%2F%2Fcrm.example%2Fa%3Fb%3D1&who=O%27Neil", None),
        ("/%2F%3A%3F%40%27%28%29%7E?%2F%3A%3F%40%27%28%29%7E", None),
        ("/%7e%7E%c3%A4/a+b%20c?a+b=%20&&=&x", None),
        ("/a/../b/./c//d;v=1", None),
        ("/what?", None),
        ("/what?a?b=c?", None),
        ("/a;", None),
        ('/|^`{}\\"<>[]?|^`{}\\"<>[]', None),
        ("/%zz%", None),
        ("", "/"),
        ("?a=%2F", "/?a=%2F"),
        ("/a?b=%2F#rc=2&rp=5xx", "/a?b=%2F"),
    ],
)
async def test_the_url_is_requested_byte_for_byte_and_signed_for_whoever_receives_it(
    start: Start, store: Store, raw: RawServer, host: str, given: str, requested: str | None
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    await tell(client, store, f"http://{host}:{raw.port}{given}")
    target, headers, form = await raw.one()

    assert target == (given if requested is None else requested)
    assert headers["host"] == f"{host}:{raw.port}"
    as_requested = f"http://{headers['host']}{target}"
    assert RequestValidator(AUTH_TOKEN).validate(as_requested, form, headers[HEADER.lower()])


async def test_the_host_is_named_as_it_was_given_with_its_dot(raw: RawServer) -> None:
    targets = connector(1, anywhere, Names(["127.0.0.1"]))
    url = f"http://Client.Example.:{raw.port}/news"
    parcel = Parcel("call", "", url, "", "", "1:0", {"body": "CallStatus=ringing", "attempt": "1"}, 0)
    async with ClientSession(connector=targets) as session:
        assert await deliver(session, parcel, Sender("AC1", AUTH_TOKEN)) == "delivered"
    _, headers, form = await raw.one()

    assert headers["host"] == f"Client.Example.:{raw.port}"
    assert RequestValidator(AUTH_TOKEN).validate(url, form, headers[HEADER.lower()])


@pytest.mark.parametrize(("name", "secret"), [("shop", "a-secret-of-the-shop"), ("bank", AUTH_TOKEN)])
async def test_events_of_a_name_are_signed_with_its_own_key_and_others_with_the_token(
    start: Start, store: Store, raw: RawServer, name: str, secret: str
) -> None:
    own_keys = "shop:a-secret-of-the-shop, other:another"
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1", EVENT_SIGNING_KEYS=own_keys)
    await tell(client, store, url := f"http://127.0.0.1:{raw.port}/news", client=name)
    _, headers, form = await raw.one()

    assert RequestValidator(secret).validate(url, form, headers[HEADER.lower()])


async def test_answers_that_never_come_to_an_end_are_cut_off_and_count_as_failed(
    start: Start, store: Store, raw: RawServer
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    raw.endless = True
    call = await tell(client, store, f"http://127.0.0.1:{raw.port}/news")
    used_seconds, deadline = time.process_time(), time.monotonic() + WITHIN_SECONDS
    while not retried(store, call):
        assert time.monotonic() < deadline
        await client.health()

    assert time.process_time() - used_seconds < 1


async def test_a_few_interim_answers_do_no_harm(start: Start, store: Store, raw: RawServer) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    raw.answer = b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5 + raw.answer
    call = await tell(client, store, f"http://127.0.0.1:{raw.port}/news")
    async with asyncio.timeout(WITHIN_SECONDS):
        while not all_told(store, call, 1):
            await client.health()


@pytest.mark.parametrize("status", [b"200 OK", b"204 No Content"])
@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
        b"Content-Encoding: deflate\r\n\r\nplain",
        b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nplain",
        b"Content-Encoding: zstd\r\nContent-Length: 5\r\n\r\nplain",
        b"Content-Encoding: none of these\r\nContent-Length: 5\r\n\r\nplain",
        b"Content-Length: 500\r\n\r\nless",
        b"Content-Type: \xff\r\nSet-Cookie: \x01\r\nContent-Length: 0\r\n\r\n",
        b"Content-Length: 2\r\n\r\nok, and more",
        b"Transfer-Encoding: chunked\r\n\r\nno chunk",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        b"Content-Security-Policy: " + b"x" * 200_000 + b"\r\n\r\n",
        b"X: y\r\n" * 500 + b"\r\n",
        b"no colon\r\n\r\n",
    ],
    ids=lambda rest: rest[:40],
)
async def test_an_event_is_delivered_by_the_status_of_the_answer_whatever_comes_behind_its_first_line(
    start: Start, store: Store, raw: RawServer, rest: bytes, status: bytes
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    raw.answer = b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n" + rest
    call = await tell(client, store, f"http://127.0.0.1:{raw.port}/news")
    async with asyncio.timeout(WITHIN_SECONDS):
        while not all_told(store, call, 1):
            await client.health()
    assert len(raw.requests) == 1
