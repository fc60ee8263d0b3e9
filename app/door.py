"""Where a web process listens, and how it stops to."""

import asyncio

from aiohttp import web

from app.http.connections import NEW_SECONDS, Connection
from app.http.crowd import Crowd


class Door(web.BaseSite):
    """Where a web process listens; it lets in so many connections at once."""

    __slots__ = ("_crowd", "_host", "_most", "_port")

    def __init__(self, runner: web.AppRunner, host: str, port: int, most_connections: int) -> None:
        super().__init__(runner)
        self._host, self._port, self._most = host, port, most_connections
        self._crowd = Crowd(most_connections)

    @property
    def name(self) -> str:
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listens; raises OSError if that cannot be."""
        await super().start()
        server = self._runner.server
        assert server is not None  # noqa: S101 - the runner is set up
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(server, self._crowd), self._host, self._port, backlog=self._most
        )

    async def stop(self) -> None:
        """Lets nobody in any more; who just came is heard, for to be let in is to be promised that."""
        await super().stop()
        if self._crowd.has_newcomers:
            await asyncio.sleep(NEW_SECONDS)
