"""Receivers cannot use up the process's files or its time: with many addresses, many names, or by not taking leave."""

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import pytest
import trustme
from aiohttp import ClientConnectorError, ClientSession, ClientTimeout

from app.relay.targets import MOST_ADDRESSES, MOST_IDLE, anywhere, connector
from tests.app.test_targets import Names
from tests.closing import close_server, end_served

#: As many as a name server can tell at once over TCP.
VERY_MANY: Final = 2000
WITHIN_SECONDS = 5.0


class Open:
    """A server that keeps connections open until their clients close them, and how many those are."""

    def __init__(self) -> None:
        self.writers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.gone = asyncio.Event()
        self.port = 0

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self.serve(reader, writer))
        self.writers[task] = writer
        task.add_done_callback(self.left)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    def left(self, task: asyncio.Task[None]) -> None:
        del self.writers[task]
        self.gone.set()


@pytest.fixture
async def receiver() -> AsyncIterator[Open]:
    one = Open()
    listening = await asyncio.start_server(one.accept, "127.0.0.1", 0, backlog=1000)
    one.port = listening.sockets[0].getsockname()[1]
    yield one
    await close_server(listening)
    await end_served([*one.writers], [*one.writers.values()])


class Tried:
    """A rule that refuses no address, and counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, address: str) -> str | None:
        self.times += 1
        return None


@contextmanager
def silent() -> Iterator[int]:
    """A port of loopback that takes no connection and refuses none: its backlog is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port: int = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                with suppress(BlockingIOError):
                    filler.connect(("127.0.0.1", port))
            yield port
        finally:
            for filler in fillers:
                filler.close()


async def test_of_a_name_with_very_many_addresses_few_are_tried_where_all_refuse() -> None:
    tried = Tried()
    names = Names(["127.0.0.1"] * VERY_MANY)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    async with ClientSession(connector=connector(10, tried, names)) as http:
        with pytest.raises(ClientConnectorError):
            await http.post(f"http://client.example:{port}/", timeout=ClientTimeout(total=WITHIN_SECONDS))

    assert tried.times <= MOST_ADDRESSES * (MOST_ADDRESSES + 3) / 2


async def test_nor_where_all_are_silent() -> None:
    tried = Tried()
    names = Names(["127.0.0.1"] * VERY_MANY)
    with silent() as port:
        async with ClientSession(connector=connector(10, tried, names)) as http:
            with pytest.raises(TimeoutError):
                await http.post(f"http://client.example:{port}/", timeout=ClientTimeout(total=2))

    assert tried.times <= 2 * MOST_ADDRESSES


async def test_however_many_hosts_a_client_has_few_connections_wait_for_another_event(receiver: Open) -> None:
    async with ClientSession(connector=connector(50, anywhere, Names(["127.0.0.1"]))) as http:
        for first in range(0, 2 * MOST_IDLE, 50):
            urls = [f"http://{place}.client.example:{receiver.port}/" for place in range(first, first + 50)]
            await asyncio.gather(*(http.post(url) for url in urls))
        async with asyncio.timeout(WITHIN_SECONDS):
            while len(receiver.writers) > MOST_IDLE:
                receiver.gone.clear()
                await receiver.gone.wait()
        kept = len(receiver.writers)
        await http.post(f"http://0.client.example:{receiver.port}/")

    assert kept == MOST_IDLE


def _answer_and_ignore(listening: socket.socket, context: ssl.SSLContext, gone: threading.Event) -> None:
    """Answers one request over TLS, and what comes then with nothing, until the line is closed."""
    connection, _ = listening.accept()
    secured = context.wrap_socket(connection, server_side=True)
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += secured.recv(65_536)
    secured.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    with socket.socket(fileno=secured.detach()) as line, suppress(ConnectionResetError):
        line.settimeout(60)
        while line.recv(65_536):
            pass
    gone.set()


async def test_a_connection_is_closed_though_its_other_end_takes_no_leave_of_tls() -> None:
    authority, gone = trustme.CA(), threading.Event()
    ours, theirs = ssl.create_default_context(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.configure_trust(ours)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=_answer_and_ignore, args=(listening, theirs, gone), daemon=True)
        serving.start()
        async with ClientSession(connector=connector(10, anywhere)) as http:
            async with http.post(f"https://127.0.0.1:{listening.getsockname()[1]}/", ssl=ours) as answer:
                assert answer.status == 204
            closed = await asyncio.to_thread(gone.wait, WITHIN_SECONDS)
    serving.join(WITHIN_SECONDS)

    assert closed
