"""One client's connection, carried to Twilio's end and back with the delay of its way."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from functools import partial
from typing import cast

from simulator.network.delay_line import DelayLine
from simulator.network.way import Way


def reset(transport: asyncio.BaseTransport) -> None:
    """End a connection as a crashed peer does (RST)."""
    peer = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    cast("asyncio.Transport", transport).abort()


class _Inside(asyncio.Protocol):
    """The end at Twilio."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def data_received(self, data: bytes) -> None:
        self._link.answered(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.lost_inside(exc)


class Link(asyncio.Protocol):
    """The client's end; bytes come out at the other one half of the round trip later.

    The system has answered the client's SYN already, so the round trip that this costs is waited for before the first
    bytes go on their way.
    """

    def __init__(self, way: Way, links: set[Link]) -> None:
        self._way = way
        self._links = links
        self._loop = asyncio.get_running_loop()
        self._inward, self._outward = DelayLine(), DelayLine()
        self._outside: asyncio.Transport | None = None
        self._inside: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._established_at = 0.0
        self._flights = 0
        self._fault = ""
        self._local_port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._outside = cast("asyncio.Transport", transport)
        self._links.add(self)
        self._established_at = self._loop.time() + self._way.one_way_seconds * 2
        self._outward.open()
        self._fault = self._way.fault_for(self._way.port)
        if self._fault == "connect_reset":
            self._reset_at(self._established_at)
        elif self._fault != "connect_silence":
            self._connecting = self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            inside, _ = await self._loop.create_connection(lambda: _Inside(self), "127.0.0.1", self._way.inner_port)
        except OSError:
            self._reset_at(self._loop.time())
            self._forget()
            return
        self._inside = inside
        self._local_port = inside.get_extra_info("sockname")[1]
        self._way.ports[self._local_port] = self._way.port
        self._inward.open()

    def data_received(self, data: bytes) -> None:
        self._flights += 1
        due = max(self._loop.time(), self._established_at) + self._way.one_way_seconds
        # The first that a client sends is its hello, the second belongs to a handshake that is over for it.
        if (self._fault, self._flights) in (("handshake_reset", 1), ("established_reset", 2)):
            self._reset_at(due + self._way.one_way_seconds)
        elif not self._fault or self._fault == "established_reset":
            self._inward.put(due, partial(self._write_inside, data))

    def connection_lost(self, exc: Exception | None) -> None:
        self._outside = None
        self._outward.close()
        self._inward.put(self._loop.time() + self._way.one_way_seconds, partial(self._end_inside, exc))
        if self._connecting is None:
            self._forget()

    def answered(self, data: bytes) -> None:
        """Twilio's end has sent something."""
        due = self._loop.time() + self._way.one_way_seconds
        self._outward.put(due, partial(self._write_outside, data))

    def lost_inside(self, exc: Exception | None) -> None:
        """Twilio's end has ended the connection."""
        self._inside = None
        self._inward.close()
        self._outward.put(self._loop.time() + self._way.one_way_seconds, partial(self._end_outside, exc))
        self._forget()

    def abort(self) -> None:
        """End both ends at once."""
        for transport in (self._outside, self._inside):
            if transport is not None:
                transport.abort()
        if self._connecting is not None:
            self._connecting.cancel()

    def _reset_at(self, due: float) -> None:
        self._outward.put(due, self._reset_outside)

    def _write_inside(self, data: bytes) -> None:
        if self._inside is not None:
            self._inside.write(data)

    def _write_outside(self, data: bytes) -> None:
        if self._outside is not None:
            self._outside.write(data)

    def _reset_outside(self) -> None:
        if self._outside is not None:
            reset(self._outside)

    def _end_inside(self, exc: Exception | None) -> None:
        if self._inside is not None:
            reset(self._inside) if isinstance(exc, ConnectionResetError) else self._inside.abort()

    def _end_outside(self, exc: Exception | None) -> None:
        if self._outside is not None:
            reset(self._outside) if isinstance(exc, ConnectionResetError) else self._outside.close()

    def _forget(self) -> None:
        self._links.discard(self)
        self._way.ports.pop(self._local_port, None)
