"""How far away Twilio is: half of the smallest round trip is the way there."""

import threading
import time
from collections import deque
from typing import Final

#: A way that was shorter once may be gone: an address of Twilio's or a route changes.
_REMEMBERED_SECONDS: Final = 300.0
#: No request is believed to be on its way for longer; the scripts plan no further ahead.
_MOST_WAY_SECONDS: Final = 0.25


class RoundTrips:
    """What one worker process has seen, for all of its threads: from sending to the first byte of the answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._smallest: deque[tuple[float, float]] = deque()  #: (when, seconds), each smaller than all after it

    def note(self, seconds: float) -> None:
        """A round trip that took so long, what Twilio did in it included."""
        now = time.monotonic()
        with self._lock:
            while self._smallest and self._smallest[-1][1] >= seconds:
                self._smallest.pop()
            self._smallest.append((now, seconds))
            while self._smallest[0][0] < now - _REMEMBERED_SECONDS:
                self._smallest.popleft()

    @property
    def smallest_seconds(self) -> float:
        """The smallest of the last minutes; 0 if there was none."""
        with self._lock:
            return self._smallest[0][1] if self._smallest else 0.0

    @property
    def way_seconds(self) -> float:
        """How long a request is on its way to Twilio, give or take as much."""
        return min(self.smallest_seconds / 2, _MOST_WAY_SECONDS)
