"""The board on which news is put once a second, read once for all who look at it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, TypeAlias

import structlog
from aiohttp import web

from app.endpoints.streaming.frames import HEARTBEAT, Parts, changes, frame
from app.store.turns import TURNS

log = structlog.get_logger("app.endpoints.streaming")

#: Changes are gathered for so long.
FRAME_SECONDS: Final = 1.0
HEARTBEAT_SECONDS: Final = 5.0

#: What is to be told to this name; None is whoever is told everything.
Read: TypeAlias = Callable[[str | None], Awaitable[Parts]]


class _Topic:
    """What one name is told, and who listens."""

    def __init__(self) -> None:
        self.listeners: set[asyncio.Event] = set()
        self.version = 0
        self._parts: Parts = {}
        self._change = self._snapshot = b""
        self._told_at = 0.0

    def take(self, parts: Parts) -> None:
        """Takes what is so now, and wakes the listeners if they are to be told."""
        news = changes(self._parts, parts)
        self._parts = parts
        if news or not self.version:
            self.version += 1
            self._change, self._snapshot = frame("change", news), b""
        elif time.monotonic() - self._told_at < HEARTBEAT_SECONDS:
            return
        self.wake()

    def wake(self) -> None:
        """Lets each listener look."""
        self._told_at = time.monotonic()
        for listener in self.listeners:
            listener.set()

    def since(self, version: int) -> bytes:
        """What who has seen this version is to be told: the change, or all, to who missed one or comes now."""
        if version == self.version:
            return HEARTBEAT
        if version and version == self.version - 1:
            return self._change
        self._snapshot = self._snapshot or frame("snapshot", self._parts)
        return self._snapshot


class Board:
    """One reader for all listeners, and none while nobody listens."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._topics: dict[str | None, _Topic] = {}
        self._reader: asyncio.Task[None] | None = None
        self._closed = False

    async def listen(self, whose: str | None) -> AsyncGenerator[bytes, None]:
        """A snapshot, then changes, until the board is closed; who is slow gets a snapshot for what they missed."""
        topic = self._topics.setdefault(whose, _Topic())
        awake = asyncio.Event()
        topic.listeners.add(awake)
        seen = 0
        if topic.version:
            awake.set()
        if self._reader is None:
            self._reader = asyncio.create_task(self._go_on())
        try:
            while await awake.wait() and not self._closed:
                awake.clear()
                news, seen = topic.since(seen), topic.version
                yield news
        finally:
            topic.listeners.discard(awake)
            if not topic.listeners:
                self._topics.pop(whose, None)

    async def close(self, _: web.Application | None = None) -> None:
        """Ends what goes on, for everybody."""
        self._closed = True
        for topic in self._topics.values():
            topic.wake()
        if self._reader is not None:
            self._reader.cancel()

    async def _go_on(self) -> None:
        TURNS.set(None)  # it waits for no turn of the name that happened to come first
        while self._topics:
            for whose, topic in list(self._topics.items()):
                try:
                    topic.take(await self._read(whose))
                except Exception:  # the edge of the program: others go on listening, and the next look may do better
                    log.exception("stream_not_read")
            await asyncio.sleep(FRAME_SECONDS)
        self._reader = None


BOARD: Final = web.AppKey("board", Board)
