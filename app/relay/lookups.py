"""Addresses of the clients' hosts: a name whose server is silent holds up nobody but the client that gave it."""

import asyncio
import socket
import threading
from collections import Counter
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from app.relay.shares import MOST_DELIVERIES

#: For which client a name is looked up.
WHOSE: Final[ContextVar[str]] = ContextVar("whose_lookup", default="")

_AS_FOUND: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Lookups(AbstractResolver):
    """
    The system's own resolver, with a thread for each lookup: of those that an event loop has there are two to six, and
    a silent name server keeps one for half a minute, whatever becomes of the delivery meanwhile.

    A client may have as many under way as would stay free besides.
    """

    def __init__(self, most: int = MOST_DELIVERIES) -> None:
        self._most = most
        self._under_way: Counter[str] = Counter()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a name; raises OSError if there are none, or the client has too many lookups under way."""
        client, loop = WHOSE.get(), asyncio.get_running_loop()
        if self._under_way[client] >= self._most - self._under_way.total():
            raise OSError("Too many lookups are under way.")
        answer: asyncio.Future[list[Any]] = loop.create_future()

        def done(found: list[Any] | OSError) -> None:
            self._under_way[client] -= 1
            if not answer.done():  # whoever asked may have gone
                answer.set_exception(found) if isinstance(found, OSError) else answer.set_result(found)

        def look() -> None:
            found = _found(host, port, family)
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(done, found)

        threading.Thread(target=look, name="lookup", daemon=True).start()
        self._under_way[client] += 1
        return [
            ResolveResult(
                hostname=host, host=address[0], port=address[1], family=family, proto=protocol, flags=_AS_FOUND
            )
            for family, _, protocol, _, address in await answer
        ]

    async def close(self) -> None:
        """Nobody waits for what is under way."""


def _found(host: str, port: int, family: socket.AddressFamily) -> list[Any] | OSError:
    try:
        return list(socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG))
    except OSError as error:
        return error
    except UnicodeError as error:  # of a name that the codec idna does not take
        return OSError(str(error))
