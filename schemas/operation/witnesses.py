"""Whether a primary still is the only one: a replica that left it may have become another, while it has others left."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

#: For so long a replica that left may be the next primary, and those who write here not know it: of a failover by hand
#: Sentinel makes the old primary a replica after some ten seconds.
_PATIENCE_SECONDS: Final = 20.0
_HISTORY: Final = re.compile(r"^master_replid:(\w+)", re.MULTILINE)
_REPLICA: Final = re.compile(r"^slave\d+:ip=([^,]*),port=([1-9]\d*),state=online", re.MULTILINE)
_ONE: Final = re.compile(r"slave\d+")


class Roll(NamedTuple):
    """What a primary tells of its replicas."""

    history: str  #: its own: a replica that becomes the primary begins another one
    replicas: frozenset[str]  #: those that follow; who takes a copy tells no port, and is none

    @classmethod
    def parse(cls, told: str) -> "Roll":
        """From INFO as Redis sends it."""
        history = _HISTORY.search(told)
        return cls(history[1] if history else "", frozenset(":".join(one) for one in _REPLICA.findall(told)))

    @classmethod
    def read(cls, info: Mapping[str, Any]) -> "Roll":
        """From the fields of INFO."""
        ones = [one for name, one in info.items() if _ONE.fullmatch(name) and isinstance(one, dict)]
        there = (f"{one['ip']}:{one['port']}" for one in ones if one["port"] and one["state"] == "online")
        return cls(str(info.get("master_replid", "")), frozenset(there))


class Witnesses:
    """Remembers which replicas there were."""

    def __init__(self) -> None:
        self._history = ""
        self._seen: Mapping[str, float] = {}

    def all_there(self, roll: Roll, now: float) -> bool:
        """Whether none has left lately, by a clock that does not go back."""
        before = self._seen if roll.history == self._history else {}
        lately = {one: at for one, at in before.items() if now - at < _PATIENCE_SECONDS}
        self._history, self._seen = roll.history, lately | dict.fromkeys(roll.replicas, now)
        return roll.replicas.issuperset(lately)
