"""How a server of asyncio's ends without leaving a connection of its own open."""

import asyncio
from collections.abc import Collection


async def close_server(server: asyncio.Server) -> None:
    """
    Listens no more; each connection that was accepted is the server's.

    `Server.close()` alone forgets those that were accepted in the same turn of the loop: their transports want to be
    attached to a server that is open (`Server._attach` of CPython 3.11), fail at that, and leave their sockets open.
    """
    loop = asyncio.get_running_loop()
    for one in server.sockets:
        loop.remove_reader(one.fileno())
    await asyncio.sleep(0)  # the turn in which they are attached
    await asyncio.sleep(0)  # and that in which they are made known
    server.close()


async def end_served(served: Collection[asyncio.Task[None]], ends: Collection[asyncio.StreamWriter]) -> None:
    """
    Cancels what serves connections and closes their ends, both of each.

    Who serves cannot close them all itself: it may be cancelled while it waits for the first of them to be closed.
    """
    for one in served:
        one.cancel()
    await asyncio.gather(*served, return_exceptions=True)
    for end in ends:
        end.transport.abort()
    await asyncio.gather(*(end.wait_closed() for end in ends), return_exceptions=True)
