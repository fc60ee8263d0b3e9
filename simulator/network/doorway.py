"""Ports that clients connect to, so far away from Twilio's end as is ordered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from simulator.network.link import Link
from simulator.network.way import Way


class Doorway:
    """One listening port and the connections that came by it."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self._links: set[Link] = set()
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen; port 0 is a free one. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Link(self.way, self._links), host, port, backlog=1024)
        self.way.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Listen no more, and end all connections."""
        if self._server is not None:
            self._server.close()
        for link in list(self._links):
            link.abort()


@dataclass(slots=True)
class Doorways:
    """All doorways; there are none if clients connect straight to Twilio's end."""

    opened: list[Doorway] = field(default_factory=list)
    ports: dict[int, int] = field(default_factory=dict)

    async def open(self, way: Way, host: str, port: int) -> None:
        """Open one more. Raises OSError."""
        doorway = Doorway(way)
        await doorway.open(host, port)
        self.opened.append(doorway)

    def ways(self) -> list[Way]:
        """The way of each, in the order they were opened."""
        return [doorway.way for doorway in self.opened]

    def port_of(self, transport: asyncio.BaseTransport | None) -> int:
        """The port that the client of a connection connected to; 0 of one that is gone."""
        peer = transport.get_extra_info("peername") if transport is not None else None
        here = transport.get_extra_info("sockname") if transport is not None else None
        return self.ports.get(peer[1], here[1]) if peer and here else 0

    def close(self) -> None:
        """Close them all."""
        for doorway in self.opened:
            doorway.close()
