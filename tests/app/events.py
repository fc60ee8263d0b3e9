"""Reading of server-sent events, as the standard has it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiohttp import ClientResponse

from tests.app.client import Client
from tests.processes import BASE_PATH

PATIENCE_SECONDS = 30.0


class Event(NamedTuple):
    """One event; a comment has no data."""

    kind: str
    data: Any


class Events:
    """The events of one stream."""

    def __init__(self, answer: ClientResponse) -> None:
        self.answer = answer

    async def next(self) -> Event:
        """The next event or comment; its kind is '' at the end of the stream."""
        kind, data = "", ""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while line := (await self.answer.content.readline()).decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if not line.strip():
                    return Event(kind or "comment", json.loads(data) if data else None)
                kind, data = (value, data) if name == "event" else (kind, value if name == "data" else data)
        return Event("", None)

    async def until(self, part: str, **wanted: object) -> Event:
        """The first event whose part has these values."""
        while True:
            event = await self.next()
            assert event.kind, "the stream ended"
            found = (event.data or {}).get(part, {})
            if all(found.get(name) == value for name, value in wanted.items()):
                return event


@asynccontextmanager
async def listening(client: Client, headers: Mapping[str, str] | None = None, query: str = "") -> AsyncIterator[Events]:
    """A stream that is answered with 200."""
    async with client.http.get(f"{BASE_PATH}/stream{query}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        yield Events(answer)
