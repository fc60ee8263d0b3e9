"""How many may listen: a stream is a connection that never makes room for another one."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web
from aiohttp.base_protocol import BaseProtocol

from app.errors import TooManyConnections

FULL: Final = "Too many pages listen already: close some of them, or raise MAX_CONNECTIONS."


class Room:
    """Half of the connections may be streams, and half of those may be of one listener: a key's name, or an address."""

    def __init__(self, most_connections: int) -> None:
        self._most = max(1, most_connections // 2)
        self._most_of_one = max(1, self._most // 2)
        self._by_listener: dict[str, set[BaseProtocol]] = defaultdict(set)

    @contextmanager
    def place(self, listener: str, connection: BaseProtocol) -> Iterator[None]:
        """One place, for as long as it is needed; raises TooManyConnections if there is none."""
        if self._is_full(listener) and not (self._see_who_left() and not self._is_full(listener)):
            raise TooManyConnections(FULL)
        self._by_listener[listener].add(connection)
        try:
            yield
        finally:
            self._by_listener[listener].discard(connection)
            if not self._by_listener[listener]:
                del self._by_listener[listener]

    def _is_full(self, listener: str) -> bool:
        count = sum(map(len, self._by_listener.values()))
        return count >= self._most or len(self._by_listener.get(listener, ())) >= self._most_of_one

    def _see_who_left(self) -> bool:
        """Gives free the places of those who left and will be found out by the next frame; whether there are any."""
        left = [(one, ones) for ones in self._by_listener.values() for one in ones if one.transport is None]
        for one, ones in left:
            ones.discard(one)
        return bool(left)


ROOM: Final = web.AppKey("room", Room)
