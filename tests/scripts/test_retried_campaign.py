"""A campaign with further attempts: attempts, gaps and counts exactly as a plain calculation says."""

from collections import Counter
from functools import partial
from random import Random
from typing import Any

from schemas.campaigns.marks import Mark
from schemas.limits import campaign_interval_us
from schemas.scripts.outcome import Result, placed
from tests.e2e.fates import ANSWERED, BUSY, MACHINE, NO_ANSWER, Attempt, attempts_due, counts_due, fates_of, gaps, turns
from tests.scripts.clockwork import Clockwork, clockwork

NUMBERS = [f"+1202{300_000 + place:06d}9" for place in range(60)]
MOST, GAP_SECONDS, APART_SECONDS = 3, 60, campaign_interval_us(1) / 1e6
#: How long a call lasts, and how Twilio's last word on it is.
ENDS: dict[str, tuple[float, str, dict[str, str]]] = {
    ANSWERED: (7.3, "completed", {"answered_by": "human"}),
    MACHINE: (5.1, "completed", {"answered_by": "machine_start"}),
    BUSY: (2.2, "busy", {}),
    NO_ANSWER: (30.7, "no-answer", {}),
}
#: Requests leave on time here; a message takes a millisecond.
EXACT_SECONDS = 0.1


class Telephones(Clockwork):
    """Every call that Twilio takes ends as its number's fate has it."""

    def ring(self, fates: dict[str, str]) -> None:
        """Lets time pass until the campaign's numbers are all settled; once more than that takes."""
        self.fates, self.attempts = fates, list[Attempt]()
        marks = f"{Mark.BUSY}{Mark.NO_ANSWER}{Mark.MACHINE}"
        retry = {"retry_most": MOST, "retry_marks": marks, "retry_seconds": GAP_SECONDS}
        self.campaign = self.store.campaign(*fates, max_live=50, **retry)
        self.run(APART_SECONDS * sum(attempts_due(fates, MOST).values()) + 10 * GAP_SECONDS)

    def _record(self, call: str, result: Result, late_seconds: float | None) -> None:
        """As a worker does; some time after that its call ends."""
        left_us = self.arrivals[-1][0]
        sid = f"CA{len(self.arrivals)}"
        super()._record(call, placed(sid, "queued", 60), late_seconds)
        number = list(self.fates)[int(call.rpartition("-")[2]) - 1]
        self._after(ENDS[self.fates[number]][0] * 1e6, partial(self._end, call, sid, number, left_us / 1e6))

    def _end(self, call: str, sid: str, number: str, began: float) -> None:
        _, status, fields = ENDS[self.fates[number]]
        attempt = int(self.store.task(call).get("attempt_number", 1))
        self.store.callback(call, status, sid, attempt_number=attempt, fields=fields)
        self.attempts.append(Attempt(number, began, self.now_us / 1e6))
        self._beat()


def test_attempts_gaps_and_counts_of_a_campaign_are_as_calculated(redis: Any) -> None:
    fates = fates_of(NUMBERS, seed=1)
    with clockwork():
        line = Telephones(redis, 50, 1500, [0], Random(1), [1000], [0], [1000])
        line.ring(fates)
        task = line.store.task(line.campaign)

    came = turns(line.attempts, fates, MOST, GAP_SECONDS, APART_SECONDS)
    due = attempts_due(fates, MOST)
    assert Counter(one.number for one in line.attempts) == due
    assert sum(due.values()) == 2 * len(fates)
    assert {name: int(task[name]) for name in counts_due(fates)} == counts_due(fates)
    assert task["state"] == "finished"
    assert min(gaps(line.attempts)) >= GAP_SECONDS
    assert came.closest_seconds >= 1
    assert came.late_seconds[-1] <= EXACT_SECONDS
    assert came.passed_over == 0
