"""How often one may ask: a token bucket for each client and for each address that guesses keys."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

#: How much of the room is left when names had to be forgotten, so that it does not have to happen at each new one.
_KEPT_SHARE: Final = 0.9
_ROUNDING_SECONDS: Final = 1e-6
#: What is read of a body beyond the first of these counts like so many more requests.
_BYTES_A_REQUEST: Final = 16 * 1024


class RequestLimit:
    """
    A token bucket for each name: `per_second` requests, and `burst_seconds` worth of them at once.

    It is kept as one number a name: the time at which its bucket is full again (GCRA). At most `most_names` are kept;
    beyond that the names that were seen first are forgotten, which gives them full buckets.
    """

    def __init__(
        self,
        per_second: float,
        burst_seconds: float,
        most_names: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval_seconds = 1 / per_second
        # A burst is one request at least, or nothing would ever pass.
        self._slack_seconds = max(0.0, burst_seconds - self._interval_seconds) + _ROUNDING_SECONDS
        self._most_names = most_names
        self._clock = clock
        self._full_at: dict[str, float] = {}
        self._all_full_at = 0.0

    def __len__(self) -> int:
        return len(self._full_at)

    def is_untouched(self) -> bool:
        """Whether every bucket is full, so that there is no need to look at any."""
        return self._clock() >= self._all_full_at

    def wait_seconds(self, name: str) -> float:
        """How long the bucket of this name stays empty; 0 if a request may pass now."""
        return max(0.0, self._full_at.get(name, 0.0) - self._clock() - self._slack_seconds)

    def take(self, name: str) -> float:
        """Takes a token and returns 0; or takes none and returns the seconds until there is one."""
        now = self._clock()
        full_at = max(self._full_at.get(name, 0.0), now)
        wait_seconds = full_at - now - self._slack_seconds
        if wait_seconds > 0:
            return wait_seconds
        self._full_at[name] = full_at = full_at + self._interval_seconds
        self._all_full_at = max(self._all_full_at, full_at)
        if len(self._full_at) > self._most_names:
            self._forget(now)
        return 0.0

    def weigh(self, name: str, tokens: float) -> float:
        """
        Takes so many more for what turned out to be large, and returns 0; where earlier ones already took more than
        there was, takes none and returns the seconds until that is over. So one large request passes any limit.
        """
        wait_seconds = self.wait_seconds(name) - self._interval_seconds  # its own token it has already
        if wait_seconds > _ROUNDING_SECONDS:
            return wait_seconds
        full_at = max(self._full_at.get(name, 0.0), self._clock()) + tokens * self._interval_seconds
        self._full_at[name] = full_at
        self._all_full_at = max(self._all_full_at, full_at)
        return 0.0

    def _forget(self, now: float) -> None:
        """Drops full buckets, and the oldest ones if those are too few."""
        kept = [(name, full_at) for name, full_at in self._full_at.items() if full_at > now]
        self._full_at = dict(kept[-round(self._most_names * _KEPT_SHARE) :])


class Scales(NamedTuple):
    """On which the bodies of one name are laid."""

    limit: RequestLimit
    name: str

    def lay(self, count: int) -> float:
        """So many bytes are about to be read: the seconds to wait first, if the name sent too much before."""
        return self.limit.weigh(self.name, count // _BYTES_A_REQUEST)
