"""How a server of asyncio's ends without leaving a connection open that it had just accepted."""

import asyncio


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
