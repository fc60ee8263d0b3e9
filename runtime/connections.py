"""The workers' connections to Redis."""

from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from redis.sentinel import Sentinel as Sentinels

from runtime.redis_url import for_redis_py
from runtime.sentinel import Sentinel, behind_sentinel, sentinel_hosts, server_options


def connect(redis_url: str, sentinel: Sentinel, answer_seconds: float = 5) -> "Redis":
    """A client with bounded waits everywhere. It connects when first used."""
    options: dict[str, Any] = {
        "decode_responses": True,
        "protocol": 2,
        "socket_timeout": answer_seconds,
        "socket_connect_timeout": 2,
        # Every script may run twice, so a pooled connection that Redis closed meanwhile is no reason to fail.
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        "retry_on_error": [RedisConnectionError],
    }
    if behind_sentinel(redis_url):
        sentinels = Sentinels(  # type: ignore[no-untyped-call]
            sentinel_hosts(redis_url), sentinel_kwargs=sentinel.options, **options, **server_options(redis_url)
        )
        client: Redis = sentinels.master_for(sentinel.master)  # type: ignore[no-untyped-call]
        return client
    return Redis.from_url(for_redis_py(redis_url), **options)
