"""Where the attacker listens: every event that our relay posts to him is caught with its signature."""

import asyncio
from contextlib import suppress

from app.security.signature import HEADER
from tests.attack.loot import Signed
from tests.closing import close_server


class Ear:
    """A server of any address that answers 204 to all."""

    def __init__(self, caught: list[Signed]) -> None:
        self._caught = caught
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def open(self, port: int) -> None:
        """Listens on loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    async def close(self) -> None:
        if self._server is not None:
            await close_server(self._server)
        for writer in self._links.values():
            writer.transport.abort()
        await asyncio.gather(*(task for task in self._links if task))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._links[asyncio.current_task()] = writer
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
                self._caught.append(Signed(first.split(" ")[1], headers.get(HEADER.lower(), ""), body))
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        del self._links[asyncio.current_task()]
        writer.close()
