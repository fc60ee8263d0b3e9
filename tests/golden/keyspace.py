"""Our keys in Redis as JSON, and back."""

from pathlib import Path
from typing import Any

from redis import Redis

from schemas import keys

FOLDER = Path(__file__).parent
VERSIONS = sorted(file.stem for file in FOLDER.glob("v*.json"))


def dump(redis: "Redis") -> dict[str, Any]:
    """Every key of ours by its type; when they expire is left out."""
    return {key: _value(redis, key) for key in sorted(map(str, redis.scan_iter(keys.PREFIX + "*")))}


def restore(redis: "Redis", keyspace: dict[str, Any]) -> None:
    for key, (kind, value) in keyspace.items():
        if kind == "hash":
            redis.hset(key, mapping=value)
        elif kind == "zset":
            redis.zadd(key, value)
        elif kind == "set":
            redis.sadd(key, *value)
        elif kind == "list":
            redis.rpush(key, *value)
        else:
            redis.set(key, value)


def _value(redis: "Redis", key: str) -> tuple[str, Any]:
    kind = str(redis.type(key))
    if kind == "hash":
        return kind, redis.hgetall(key)
    if kind == "zset":
        return kind, {str(pair[0]): pair[1] for pair in redis.zrange(key, 0, -1, withscores=True)}
    if kind == "set":
        return kind, sorted(redis.smembers(key))
    return kind, redis.lrange(key, 0, -1) if kind == "list" else redis.get(key)
