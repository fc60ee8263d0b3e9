"""How far away Twilio is: half of the smallest round trip is the way there."""

import threading
import time
from collections import deque
from math import inf
from typing import Final

#: A way that was shorter once may be gone: an address of Twilio's or a route changes.
_REMEMBERED_SECONDS: Final = 300.0
#: Fewer tell nothing: a busy machine makes one longer now and then, and a request that is believed to be on its way for
#: longer than it is comes too early.
_ENOUGH: Final = 3
#: No request is believed to be on its way for longer; the scripts plan no further ahead.
_MOST_WAY_SECONDS: Final = 0.25


class Exchanges:
    """Round trips of one kind, of the last minutes or more if those are not enough."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._smallest: deque[tuple[int, float, float]] = deque()  #: (which, when, seconds), in rising order

    def note(self, seconds: float) -> bool:
        """One that took so long; whether that is enough."""
        now = time.monotonic()
        with self._lock:
            self._count += 1
            while self._smallest and self._smallest[-1][2] >= seconds:
                self._smallest.pop()
            self._smallest.append((self._count, now, seconds))
            while self._smallest[0][0] <= self._count - _ENOUGH and self._smallest[0][1] < now - _REMEMBERED_SECONDS:
                self._smallest.popleft()
            return self._count >= _ENOUGH

    @property
    def smallest_seconds(self) -> float:
        """Infinite until there are enough."""
        with self._lock:
            return self._smallest[0][2] if self._count >= _ENOUGH else inf


class RoundTrips:
    """
    What one worker process has seen, for all of its threads.

    An answer, up to its first byte, takes Twilio's own time too, a handshake none; a plain connection has no handshake.
    """

    def __init__(self) -> None:
        self.handshakes = Exchanges()
        self.answers = Exchanges()

    @property
    def smallest_seconds(self) -> float:
        """The smallest of the last minutes; 0 if there were too few."""
        smallest = min(self.handshakes.smallest_seconds, self.answers.smallest_seconds)
        return smallest if smallest < inf else 0.0

    @property
    def way_seconds(self) -> float:
        """How long a request is on its way to Twilio, give or take as much."""
        return min(self.smallest_seconds / 2, _MOST_WAY_SECONDS)
