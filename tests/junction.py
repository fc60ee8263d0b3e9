"""A port that leads to another: to which, and for how long, a test may change, as a name or a network does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from tests.closing import close_server, end_served

_PIECE_BYTES: Final = 65_536


class Junction:
    """Connections that stand keep their way when it leads elsewhere."""

    def __init__(self, leads_to: int, last: bytes = b"nothing is the last", end: bytes = b"of it") -> None:
        self.leads_to = leads_to
        self.port = 0
        self.is_cut = False  #: what comes back is kept from then on
        self._last, self._end = last, end  #: what comes back behind these is kept too
        self._served: set[asyncio.Task[None]] = set()
        self._ends: list[asyncio.StreamWriter] = []

    @property
    def url(self) -> str:
        """Of a Redis behind it."""
        return f"redis://127.0.0.1:{self.port}/0"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Junction"]:
        """Until the end of the block, at which connections end."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            await close_server(server)
            await end_served(self._served, self._ends)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.append(writer)  # one that ends before it is served is closed, too
        self._served.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            theirs, ours = await asyncio.open_connection("127.0.0.1", self.leads_to)
            self._ends.append(ours)
            ways = [
                asyncio.create_task(_pass_on(reader, ours)),
                asyncio.create_task(self._bring_back(theirs, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                if self.is_cut:  # what the near end has not read yet would go with the connection
                    await asyncio.Event().wait()
            finally:
                for way in ways:
                    way.cancel()
                ours.close()
                await asyncio.gather(*ways, return_exceptions=True)
        writer.close()

    async def _bring_back(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came = b""
        while piece := await theirs.read(_PIECE_BYTES):
            if not self.is_cut:
                writer.write(piece)
                came += piece
                self.is_cut = self._end in came.partition(self._last)[2]


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE_BYTES):
        writer.write(piece)
