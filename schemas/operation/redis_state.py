"""What Redis says of itself that may cost calls: read from its INFO."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: Above this share of its memory Redis is nearly full; above the second, no call is accepted any more, so that those
#: that were can still be dialled: that takes memory too.
NEARLY_FULL_SHARE: Final = 0.85
FULL_SHARE: Final = 0.95

_KEEPS: Final = "noeviction"


@dataclass(frozen=True, slots=True)
class RedisState:
    """Sizes are in bytes; 0 for what Redis does not tell."""

    policy: str  #: what it does when its memory is full
    appends: bool  #: each write to a file
    writes: bool  #: and the last one succeeded
    loading: bool  #: it reads its file, answers little, and says for so long that it appends to none
    used_bytes: int
    most_bytes: int  #: what it may use: its own limit, else its host's memory
    file_bytes: int

    @classmethod
    def read(cls, info: Mapping[str, Any]) -> "RedisState | None":
        """From the fields of INFO; None if Redis tells too little."""
        try:
            limit, host = int(info["maxmemory"]), int(info.get("total_system_memory", 0))
            return cls(
                policy=str(info["maxmemory_policy"]),
                appends=str(info["aof_enabled"]) == "1",
                writes=str(info.get("aof_last_write_status", "ok")) == "ok",
                loading=str(info.get("loading", 0)) == "1",
                used_bytes=int(info["used_memory"]),
                most_bytes=limit or host,
                file_bytes=int(info.get("aof_current_size", 0)),
            )
        except (KeyError, ValueError):
            return None

    @classmethod
    def parse(cls, text: str) -> "RedisState | None":
        """From INFO as Redis sends it."""
        pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line and not line.startswith("#"))
        return cls.read(dict(pairs))

    @property
    def evicts(self) -> bool:
        """Whether it drops records when its memory is full."""
        return self.policy != _KEEPS

    @property
    def used_share(self) -> float:
        """Of what it may use; 0 if that is not known."""
        return self.used_bytes / self.most_bytes if self.most_bytes else 0.0

    @property
    def full(self) -> bool:
        """Whether what it has left is wanted for calls that were accepted."""
        return self.used_share >= FULL_SHARE

    @property
    def unsafe(self) -> str:
        """Why calls that are kept there may get lost, with the remedy; '' if they may not."""
        if self.evicts:
            return (
                f"Redis drops records when its memory is full (maxmemory-policy {self.policy}), and with them accepted"
                " calls: set maxmemory-policy noeviction"
            )
        if not self.appends:
            return (
                "Redis keeps calls in memory only, and forgets them when it ends (appendonly no): set appendonly yes"
                " and appendfsync always, by CONFIG SET and in its configuration"
            )
        if not self.writes:
            return "Redis could not write to its file, so its disk may be full: make room, or look into its log"
        return ""
