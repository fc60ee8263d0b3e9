"""By when requests had reached Twilio, as far as their answers tell."""

from collections import deque
from statistics import median
from typing import Final

from worker.departure import Departure

#: Of an answer that took longer than usual, so much is put down to the request's way there. Twilio's own answers vary
#: by more, and each millisecond counted here costs a millisecond of the pace.
MOST_WAY_SECONDS: Final = 0.05
_REMEMBERED: Final = 50


class Arrivals:
    """What one worker process has seen of Twilio's answers; for all of its threads."""

    def __init__(self) -> None:
        self._answer_seconds: deque[float] = deque(maxlen=_REMEMBERED)

    def late_seconds(self, departure: Departure) -> float | None:
        """How long after its slot a request can have arrived, beyond the usual way; None if its answer never came."""
        if departure.left is None or departure.answered is None:
            return None
        took = departure.answered - departure.left
        self._answer_seconds.append(took)
        beyond_usual = took - median(list(self._answer_seconds))
        return departure.late_seconds(departure.left) + min(max(beyond_usual, 0.0), MOST_WAY_SECONDS)
