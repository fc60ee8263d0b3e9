"""Connections to the web tier on which any bytes may be sent."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.app.refusal import CODES
from tests.processes import BASE_PATH

URL = f"{BASE_PATH}/queue-single-call"


BODY = b'{"to_number": "+1234567890"}'


_LENGTH = f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
HEAD = f"POST {URL} HTTP/1.1\r\nHost: localhost\r\n{_LENGTH}".encode()


LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


SHORT_SECONDS = 0.5


READ_SECONDS = 20.0


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

    async def trickle(self, data: bytes, gap_seconds: float) -> int:
        """Byte by byte, until all is sent or the server has enough; how many were sent."""
        for sent, byte in enumerate(data):
            if self.reader.at_eof() or self.writer.is_closing():
                return sent
            self.writer.write(bytes([byte]))
            await asyncio.sleep(gap_seconds)
        return len(data)

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


def is_refusal(reply: Reply, status: int) -> bool:
    assert reply.status == status, reply
    assert set(reply.body) == ({"detail", "code", "errors"} if status == 400 else {"detail", "code"})
    assert reply.body["code"] in CODES[status]
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "aiohttp" not in reply.headers["server"]
    return bool(reply.body["detail"])


async def until_let_in(connect: Call) -> None:
    """Returns when there is room for another connection."""
    async with asyncio.timeout(READ_SECONDS):
        while True:
            link = await connect()
            await link.send(LIVEZ)
            if (await link.reply()).status == 200:
                return
            await asyncio.sleep(0.02)
