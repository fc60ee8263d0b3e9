"""A way between a client and a server: what either sends arrives so much later, in order."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial

from tests.closing import close_server

#: Two events of one turn of the loop keep their order.
_APART_SECONDS = 1e-7


class Distance:
    """
    Listens on loopback, and passes everything on to a port after `way_seconds`; connecting itself takes no time.

    With `takes_connect` there is a proxy at its far end, which leads everybody to that port.
    """

    def __init__(self, port_behind: int, way_seconds: float, *, takes_connect: bool = False) -> None:
        self.takes_connect = takes_connect
        self.way_seconds = way_seconds
        self._port_behind = port_behind
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="distance", daemon=True)
        self._thread.start()
        self._ends: set[_End] = set()
        self.port: int = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def close(self) -> None:
        """Cuts every connection."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> int:
        self._server = await self._loop.create_server(partial(_Near, self), "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _cut(self) -> None:
        await close_server(self._server)
        while self._ends or len(asyncio.all_tasks()) > 1:  # the others are connections that are being opened
            for end in self._ends:
                end.transport.abort()
            await asyncio.sleep(0.02)  # what was aborted is closed a turn later

    async def open_far_end(self, near: "_Near") -> None:
        """Connects to the server; if that cannot be reached, nor can this."""
        try:
            await self._loop.create_connection(partial(_End, self, near), "127.0.0.1", self._port_behind)
        except OSError:
            near.transport.abort()

    def later(self, end: "_End", action: Callable[[], None]) -> None:
        """Does it one way after now, and after everything that this end sent before."""
        end.last = max(self._loop.time() + self.way_seconds, end.last + _APART_SECONDS)
        self._loop.call_at(end.last, action)

    def opened(self, end: "_End") -> None:
        self._ends.add(end)

    def closed(self, end: "_End") -> None:
        self._ends.discard(end)


class _End(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, distance: Distance, other: "_End | None" = None) -> None:
        self.distance, self.other, self.last = distance, other, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.distance.opened(self)
        if self.other is not None:
            self.other.other = self
            self.other.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        assert self.other is not None
        self.distance.later(self, partial(self.other.transport.write, data))

    def connection_lost(self, _: Exception | None) -> None:
        self.distance.closed(self)
        if self.other is not None:
            self.distance.later(self, self.other.transport.close)


class _Near(_End):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.pause_reading()
        self._head_is_read = not self.distance.takes_connect
        self._opening = asyncio.ensure_future(self.distance.open_far_end(self))

    def data_received(self, data: bytes) -> None:
        if self._head_is_read:
            return super().data_received(data)
        self._head_is_read = data.endswith(b"\r\n\r\n")
        answer = partial(self.transport.write, b"HTTP/1.1 200 Connection established\r\n\r\n")
        return self.distance.later(self, partial(self.distance.later, self, answer))
