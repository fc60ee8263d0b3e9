"""All that Redis holds, read at once."""

from collections.abc import Callable
from typing import Any

from schemas import keys

_READ: dict[str, Callable[[Any, str], Any]] = {
    "hash": lambda of, name: of.hgetall(name),
    "zset": lambda of, name: of.zrange(name, 0, -1, withscores=True),
    "set": lambda of, name: of.smembers(name),
    "stream": lambda of, name: of.xlen(name),
    "list": lambda of, name: of.lrange(name, 0, -1),
    "string": lambda of, name: of.get(name),
    "none": lambda of, name: of.get(name),  # it ended just now
}


class Shelf:
    """Values by their names without the prefix, and which of them have an end."""

    def __init__(self, redis: Any) -> None:
        names = list(redis.keys(keys.PREFIX + "*"))
        with redis.pipeline(transaction=False) as asked:
            for name in names:
                asked.type(name)
                asked.pttl(name)
            told = asked.execute()
        kinds, ends = told[::2], told[1::2]
        with redis.pipeline(transaction=False) as asked:
            for name, kind in zip(names, kinds, strict=True):
                _READ[kind](asked, name)
            values = asked.execute()
        short = [name.removeprefix(keys.PREFIX) for name in names]
        self.all: dict[str, Any] = {
            name: dict(value) if kind == "zset" else value
            for name, kind, value in zip(short, kinds, values, strict=True)
        }
        self.ending = {name for name, end in zip(short, ends, strict=True) if end >= 0}
        self.tasks: dict[str, dict[str, str]] = dict(self.under("task:"))

    def get(self, name: str) -> Any:
        """What stands under a name; an empty one if nothing does."""
        return self.all.get(name, {})

    def under(self, start: str) -> list[tuple[str, Any]]:
        """What stands under names that begin so, by what follows."""
        return [(name[len(start) :], value) for name, value in self.all.items() if name.startswith(start)]
