"""When a call's request leaves: not before its slot, and not at all once the slot is long over."""

import time
from dataclasses import dataclass
from typing import Final

from worker.errors import NotProcessed

#: A request that could not leave within this time of its slot does not leave: the process was held up, and the instant
#: that the pace gave it is over. The scripts count on it: MOST_LATE_US in scripts/shared/paces.lua.
LEAVE_WITHIN_SECONDS: Final = 0.1


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
    left: float | None = None
    answered: float | None = None

    def wait(self) -> None:
        """Sleeps until the request may leave. Raises NotProcessed if it is too late for that."""
        wait_seconds = self.heard + self.leaves_in_seconds - time.monotonic()
        if wait_seconds > 0:  # sleep(0) would let other threads go first
            time.sleep(wait_seconds)
        now = time.monotonic()
        if self.late_seconds(now) > LEAVE_WITHIN_SECONDS:
            raise NotProcessed("The worker was held up before it could dial", retry_after_seconds=0)
        self.left = now

    def note_answer(self) -> None:
        """The answer has begun to arrive."""
        self.answered = time.monotonic()

    def late_seconds(self, left: float) -> float:
        """How long after its slot a request left that left then, at most."""
        return left - self.asked - self.leaves_in_seconds
