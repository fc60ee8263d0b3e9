"""Those who only take up room: connections that idle, and heads and bodies that trickle."""

import asyncio
import random
from contextlib import suppress
from typing import Final

from tests.processes import BASE_PATH

#: More than MAX_CONNECTIONS are tried, from few addresses.
MOST: Final = 1100
_ADDRESSES: Final = ("127.0.0.66", "127.0.0.67")
_BEGINNINGS: Final = (
    b"",
    b"G",
    b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ",
    f"POST {BASE_PATH}/queue-single-call HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\n".encode(),
)
_PAUSE_SECONDS: Final = 0.5


async def sit(port: int, drawn: random.Random) -> None:
    """Keeps one connection as long as it is left to, again and again, until cancelled."""
    while True:
        with suppress(OSError):
            address = (drawn.choice(_ADDRESSES), 0)
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=address)
            try:
                writer.write(drawn.choice(_BEGINNINGS))
                while not reader.at_eof():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_PAUSE_SECONDS * drawn.uniform(1, 20)):
                            await reader.read(1024)
                    writer.write(b"a" if drawn.random() < 0.5 else b"")
            finally:
                writer.transport.abort()
        await asyncio.sleep(_PAUSE_SECONDS)
