"""The web tier's connection to Redis: scripts, run in bounded time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel as Sentinels
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError

from app.errors import LedgerAway
from schemas import keys
from schemas.scripts import source
from schemas.sentinel import Sentinel, behind_sentinel, sentinel_hosts, server_options

#: How long replicas are waited for.
CONFIRM_MS: Final = 500

#: The contract allows two seconds until the 503.
ANSWER_SECONDS: Final = 1.6


class Store:
    """Redis, as the web tier uses it. Every wait is bounded: in `in_time`, LedgerAway is raised when it is over."""

    def __init__(self, redis: "Redis", scripts: Sequence[str], replicas: int = 0) -> None:
        self._replicas = replicas
        self.redis = redis
        self._scripts = {name: redis.register_script(source(name)) for name in scripts}

    async def run(self, script: str, *args: str | int) -> Any:
        """Runs a script and returns what it returns."""
        async with in_time():
            return await self._scripts[script](keys=[keys.PREFIX], args=list(args))

    async def run_confirmed(self, script: str, *args: str | int) -> tuple[Any, bool]:
        """What a script returned, and whether as many replicas as are wanted have what it wrote."""
        if not self._replicas:
            return await self.run(script, *args), True
        registered = self._scripts[script]
        async with in_time():
            pipeline = self.redis.pipeline(transaction=False)
            pipeline.evalsha(registered.sha, 1, keys.PREFIX, *args)
            pipeline.wait(self._replicas, CONFIRM_MS)
            answer, confirmed = await pipeline.execute(raise_on_error=False)
            if isinstance(answer, NoScriptError):
                await self.redis.script_load(registered.script)
                return await self.run_confirmed(script, *args)
            for one in (answer, confirmed):
                if isinstance(one, Exception):
                    raise one
            return answer, confirmed >= self._replicas


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Raises LedgerAway when Redis fails, or does not answer within ANSWER_SECONDS."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise LedgerAway from error


def connect(redis_url: str, sentinel: Sentinel) -> "Redis":
    """A client with bounded waits everywhere. It connects when first used."""
    options: dict[str, Any] = {
        "max_connections": 64,
        "decode_responses": True,
        "protocol": 2,
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": 1,
        # Every script may run twice, so a pooled connection that Redis closed meanwhile is no reason to fail.
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        "retry_on_error": [RedisConnectionError],
    }
    if behind_sentinel(redis_url):
        asked = {"protocol": 2, "socket_timeout": 0.5, "socket_connect_timeout": 0.5, **sentinel.options}
        sentinels = Sentinels(sentinel_hosts(redis_url), sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
        return Redis.from_pool(
            SentinelConnectionPool(  # type: ignore[no-untyped-call]
                sentinel.master, sentinels, **options, **server_options(redis_url)
            )
        )
    url = (
        redis_url.replace("redis+socket://", "unix://", 1)
        if urlsplit(redis_url).scheme == "redis+socket"
        else redis_url
    )
    pool = BlockingConnectionPool.from_url(url, timeout=1, **options)
    return Redis.from_pool(pool)  # it owns the pool, and closes it
