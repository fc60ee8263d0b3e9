"""The web tier's connection to Redis: scripts, run in bounded time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from app.errors import LedgerAway
from schemas import keys
from schemas.scripts import source

#: The contract allows two seconds until the 503.
ANSWER_SECONDS: Final = 1.6


class Store:
    """Redis, as the web tier uses it. Every wait is bounded: in `in_time`, LedgerAway is raised when it is over."""

    def __init__(self, redis: "Redis", scripts: Sequence[str]) -> None:
        self.redis = redis
        self._scripts = {name: redis.register_script(source(name)) for name in scripts}

    async def run(self, script: str, *args: str | int) -> Any:
        """Runs a script and returns what it returns."""
        async with in_time():
            return await self._scripts[script](keys=[keys.PREFIX], args=list(args))


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Raises LedgerAway when Redis fails, or does not answer within ANSWER_SECONDS."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise LedgerAway from error


def connect(redis_url: str) -> "Redis":
    """A client with bounded waits everywhere. It connects when first used."""
    url = (
        redis_url.replace("redis+socket://", "unix://", 1)
        if urlsplit(redis_url).scheme == "redis+socket"
        else redis_url
    )
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=64,
        timeout=1,
        decode_responses=True,
        protocol=2,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=1,
        # Every script may run twice, so a pooled connection that Redis closed meanwhile is no reason to fail.
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        retry_on_error=[RedisConnectionError],
    )
    return Redis.from_pool(pool)  # it owns the pool, and closes it
