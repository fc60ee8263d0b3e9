"""A client that was told 503 is right: nothing of its task is left, though Redis ran the acceptance after all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from redis import Redis

from schemas import keys
from schemas.lua.source import digest, source
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.closing import close_server, end_served
from tests.processes import RedisServer, wait_until

BODY = {"to_number": "+1234567890"}


class SlowAnswers:
    """Stands between the web tier and Redis: questions pass, answers wait while they are held."""

    def __init__(self, redis_url: str, hold_from: bytes = b"nothing is held by itself") -> None:
        self._hold_from = hold_from
        self._redis_port = urlsplit(redis_url).port
        self.pass_on = asyncio.Event()
        self.pass_on.set()
        self._served: set[asyncio.Task[None]] = set()
        self._ends: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Its URL."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            await close_server(server)
            await end_served(self._served, self._ends)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.append(writer)  # one that ends before it is served is closed, too
        self._served.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", self._redis_port)
        self._ends.append(ours)
        try:
            async with asyncio.TaskGroup() as group:
                answers = group.create_task(self._answer(theirs, writer))
                while data := await reader.read(65_536):
                    if self._hold_from in data:
                        self.pass_on.clear()
                    ours.write(data)
                answers.cancel()
        finally:
            writer.close()
            ours.close()

    async def _answer(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await theirs.read(65_536):
            await self.pass_on.wait()
            writer.write(data)


async def test_an_acceptance_whose_answer_came_too_late_is_taken_back(
    start: Start, redis: "Redis", redis_server: RedisServer
) -> None:
    between = SlowAnswers(redis_server.url)
    async with between.listening() as url:
        client = await start(REDIS_URL=url)
        known = (await client.post("queue-single-call", BODY)).body["task_id"]
        between.pass_on.clear()
        asked = asyncio.create_task(client.post("queue-single-call", BODY))
        await asyncio.to_thread(wait_until, lambda: len(redis.keys(keys.task("*"))) == 2, what="the acceptance has run")
        refused(await asked, 503)
        between.pass_on.set()

        await asyncio.to_thread(
            wait_until, lambda: redis.keys(keys.task("*")) == [keys.task(known)], what="it is taken back"
        )


async def test_further_recipients_whose_answer_came_too_late_are_taken_back(
    start: Start, redis: "Redis", redis_server: RedisServer
) -> None:
    redis.script_load(source("append"))
    between = SlowAnswers(redis_server.url, hold_from=digest("append").encode())
    async with between.listening() as url:
        client = await start(REDIS_URL=url)
        campaign = (await client.post("queue-bulk-calls", {"phone_numbers": ["+12025550100"]})).body["task_id"]
        asked = client.post(f"tasks/{campaign}/recipients", {"phone_numbers": ["+12025550177"]})
        refused(await asked, 503)
        assert redis.hget(keys.task(campaign), "total") == "2"
        between.pass_on.set()

        await asyncio.to_thread(
            wait_until, lambda: redis.hget(keys.task(campaign), "canceled") == "1", what="they are taken back"
        )
