"""When a call's request leaves: not before its slot, and not at all once the slot is long over."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.lua.facts import MOST_LATE_US
from worker.twilio.errors import NotProcessed

#: A request that could not leave within this time of its slot does not leave: the process was held up, and the instant
#: that the pace gave it is over. The scripts count on it.
LEAVE_WITHIN_SECONDS: Final = MOST_LATE_US / 1e6


@dataclass(slots=True)
class Departure:
    """
    One request's way, in seconds of this process's monotonic clock.

    The slot is an instant of Redis's clock, told as time to wait. It was told between `asked` and `heard`, so the
    request waits as if it had just been told, and counts as late as if it had been told when it was asked for.
    """

    asked: float
    heard: float
    leaves_in_seconds: float
    left: float | None = None  #: when its last byte had surely been written

    def wait(self) -> None:
        """Sleeps until the request may leave. Raises NotProcessed if it is too late for that."""
        wait_seconds = self.heard + self.leaves_in_seconds - time.monotonic()
        if wait_seconds > 0:  # sleep(0) would let other threads go first
            time.sleep(wait_seconds)
        self._require_in_time()

    def leaving(self, body: bytes) -> Iterator[bytes]:
        """
        The body, to be written to the connection behind the head; it has left when more is asked for.

        The head was on its way for most of what lies behind the slot, and says nothing of whom to call: without a body
        nothing is processed. So the last look at the clock comes here. Raises NotProcessed if it is too late. Between
        that look and the end the process may still be held up, and nobody else would know.
        """
        self._require_in_time()
        yield body
        self.leave()

    def leave(self) -> None:
        """Notes that it has left by now, unless that was noted before."""
        if self.left is None:
            self.left = time.monotonic()

    @property
    def late_seconds(self) -> float | None:
        """How much later than planned the request left, at most; None if it did not."""
        return None if self.left is None else self._late_seconds(self.left)

    def _require_in_time(self) -> None:
        if self._late_seconds(time.monotonic()) > LEAVE_WITHIN_SECONDS:
            raise NotProcessed("The worker was held up before it could dial", retry_after_seconds=0)

    def _late_seconds(self, left: float) -> float:
        return left - self.asked - self.leaves_in_seconds
