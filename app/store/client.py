"""Scripts and reads of Redis, each answered in bounded time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel as Sentinels
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff

from app.errors import LedgerAway
from app.store.pipeline import ANSWER_SECONDS, CONNECT_SECONDS, Pipeline, RefusedByRedis, Word
from app.store.replication import Replication
from runtime.redis_url import for_redis_py
from runtime.sentinel import Sentinel, behind_sentinel, sentinel_hosts, server_options
from schemas import keys
from schemas.lua.script import Answer, Script
from schemas.lua.source import digest, source
from schemas.operation.redis_state import refusal, refused_line

log = structlog.get_logger("app.store.client")

#: For a command that a request sends after another one: together they stay below the contract's two seconds.
SECOND_SECONDS: Final = 0.3

#: What Redis refused counts for so long: processes report more often than that.
_TOLD_SECONDS: Final = 15.0


class Store:
    """Redis, as the web tier uses it. LedgerAway is raised when it fails or does not answer within ANSWER_SECONDS."""

    def __init__(self, redis_url: str, sentinel: Sentinel) -> None:
        self._pipeline = Pipeline(_pool(redis_url, sentinel))
        self._replication = (
            Replication(Pipeline(_pool(redis_url, sentinel)), sentinel.replicas) if sentinel.replicas else None
        )
        self._refused = (-_TOLD_SECONDS, "")  # when, and why

    @property
    def refusal(self) -> str:
        """Why Redis lately refused what it was asked, if that was not about one record, or a connection; else ''."""
        refused_at, told = self._refused
        return told if time.monotonic() - refused_at < _TOLD_SECONDS else refusal(self._pipeline.away)

    @property
    def replicates(self) -> bool:
        """Whether replicas are asked to confirm anything."""
        return self._replication is not None

    async def run(self, script: Script[Answer]) -> Answer:
        """What the script answers."""
        try:
            answer = await self._pipeline.ask(_by_digest(script))
        except RefusedByRedis as refused:
            self._note(script, refused)
            answer = await self._pipeline.ask(_by_text(script))
        return script.read(answer)

    async def run_replicated(self, script: Script[Answer]) -> tuple[Answer, bool]:
        """What the script answers, and whether as many replicas as are wanted have what it wrote."""
        if self._replication is None:
            return await self.run(script), True
        async with in_time():
            try:
                answer, replicated = await self._replication.ask(_by_digest(script))
            except RefusedByRedis as refused:
                self._note(script, refused)
                answer, replicated = await self._replication.ask(_by_text(script))
        return script.read(answer), replicated

    async def ask(self, command: str, *args: Word) -> Any:
        """Redis's answer to a command that changes nothing."""
        try:
            return await self._pipeline.ask((command, *args))
        except RefusedByRedis as refusal:
            log.warning("redis_refused", command=command, reason=refusal.reason)
            raise

    def _note(self, script: Script[Any], refused: RefusedByRedis) -> None:
        """Raises it, unless Redis does not know the script (yet, or after SCRIPT FLUSH): then its text tells it."""
        if refused.reason.startswith("NOSCRIPT"):
            return
        line = refused_line(refused.reason, source(script.name))
        log.warning("redis_refused", script=script.name, reason=refused.reason, line=line)
        if told := refusal(refused.reason):
            self._refused = (time.monotonic(), told)
        raise refused

    async def close(self) -> None:
        """Closes the connections."""
        await self._pipeline.close()
        if self._replication is not None:
            await self._replication.close()


def _by_digest(script: Script[Any]) -> tuple[Word, ...]:
    return "EVALSHA", digest(script.name), 1, keys.PREFIX, *script.words


def _by_text(script: Script[Any]) -> tuple[Word, ...]:
    return "EVAL", source(script.name), 1, keys.PREFIX, *script.words


@asynccontextmanager
async def in_time(seconds: float = ANSWER_SECONDS) -> AsyncIterator[None]:
    """Bounds several commands together, or one that comes after another: raises LedgerAway when it is over."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise LedgerAway from error


def _pool(redis_url: str, sentinel: Sentinel) -> ConnectionPool:
    """Where connections come from: of it, only how they are made is used."""
    options: dict[str, Any] = {
        "protocol": 2,
        "socket_timeout": CONNECT_SECONDS,
        "socket_connect_timeout": CONNECT_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    if behind_sentinel(redis_url):
        asked = sentinel.options
        sentinels = Sentinels(sentinel_hosts(redis_url), sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
        return SentinelConnectionPool(  # type: ignore[no-untyped-call]
            sentinel.master, sentinels, **options, **server_options(redis_url)
        )
    return ConnectionPool.from_url(for_redis_py(redis_url), **options)
