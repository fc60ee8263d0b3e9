"""Connection overrides: how one webhook is to be timed and repeated, from its URL's fragment.

https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs

TOTAL_SECONDS = 15.0
POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """`ct`, `rt`, `tt` in seconds; `rc` further attempts for the failures `rp` names. `tt` bounds
    the whole, attempts and all."""

    connect_seconds: float = 5.0
    read_seconds: float = TOTAL_SECONDS
    total_seconds: float = TOTAL_SECONDS
    retries: int = 1
    policies: frozenset[str] = frozenset({"ct"})

    def repeats(self, failure: str) -> bool:
        """Whether a failure (`ct`, `rt`, `4xx`, `5xx`) is worth another attempt."""
        return failure in self.policies or "all" in self.policies


@lru_cache(maxsize=256)
def read_overrides(fragment: str) -> Overrides:
    """The overrides in a URL's fragment; what is not valid there stays as by default."""
    values = {name: given[-1] for name, given in parse_qs(fragment).items()}

    def bounded(name: str, lowest: int, highest: int, default: int) -> int:
        text = values.get(name, "")
        valid = text.isascii() and text.isdigit() and lowest <= int(text[:9]) <= highest
        return int(text) if valid else default

    policies = frozenset(values.get("rp", "ct").split(","))
    return Overrides(
        connect_seconds=bounded("ct", 100, 10_000, 5_000) / 1000,
        read_seconds=bounded("rt", 100, 15_000, 15_000) / 1000,
        total_seconds=bounded("tt", 100, 15_000, 15_000) / 1000,
        retries=bounded("rc", 0, 5, 1),
        policies=policies if policies <= POLICIES else frozenset({"ct"}),
    )
