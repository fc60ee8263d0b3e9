"""What a campaign with further attempts must come to: plainly calculated, with nothing known of the inside."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

ANSWERED, BUSY, NO_ANSWER, MACHINE = "answered", "busy", "no-answer", "machine"
#: Shares of a campaign's numbers.
SHARES = {BUSY: 0.2, NO_ANSWER: 0.2, MACHINE: 0.1}
#: Which of two numbers that are due so close together goes first is not said.
SLACK_SECONDS = 1.0
#: Under which count a number is in the end.
COUNTS = {ANSWERED: "completed", MACHINE: "completed", BUSY: "busy", NO_ANSWER: "no_answer"}


@dataclass(frozen=True)
class Attempt:
    """One call of a number, in seconds of one clock."""

    number: str
    began: float
    ended: float


def fates_of(numbers: Sequence[str], seed: int) -> dict[str, str]:
    """Number -> what becomes of it whenever it is called."""
    fates = [fate for fate, share in SHARES.items() for _ in range(round(share * len(numbers)))]
    fates += [ANSWERED] * (len(numbers) - len(fates))
    Random(seed).shuffle(fates)
    return dict(zip(numbers, fates, strict=True))


def attempts_due(fates: Mapping[str, str], most: int) -> dict[str, int]:
    """Number -> how often it is called: who answers in person once, others as often as may be."""
    return {number: 1 if fate == ANSWERED else most for number, fate in fates.items()}


def counts_due(fates: Mapping[str, str]) -> dict[str, int]:
    """The campaign's counts in the end, those that are nought left out."""
    return dict(Counter(COUNTS[fate] for fate in fates.values()) + Counter(total=len(fates)))


def gaps(attempts: Sequence[Attempt]) -> list[float]:
    """Seconds from the end of an attempt to the next of the same number."""
    ended: dict[str, float] = {}
    found = []
    for attempt in sorted(attempts, key=lambda one: one.began):
        if attempt.number in ended:
            found.append(attempt.began - ended[attempt.number])
        ended[attempt.number] = attempt.ended
    return found


@dataclass(frozen=True)
class Turns:
    """How the calls of a campaign came one after the other."""

    closest_seconds: float  #: between two calls
    late_seconds: Sequence[float]  #: of each, from when its campaign might go on and some number was due; ascending
    passed_over: int  #: calls before which another number had been due for longer than the slack


def turns(
    attempts: Sequence[Attempt], fates: Mapping[str, str], most: int, gap_seconds: float, apart_seconds: float
) -> Turns:
    """Goes through the calls: numbers that are due again go first, in the order in which they are; then new ones."""
    left, new, began = attempts_due(fates, most), set(fates), sorted(attempts, key=lambda one: one.began)
    again: dict[str, float] = {}
    closest, passed, before = float("inf"), 0, began[0].began - apart_seconds
    late: list[float] = []
    for attempt in began:
        first = min(again.values(), default=float("inf"))
        free = before + apart_seconds
        should = free if new else max(free, first)
        passed += first + SLACK_SECONDS < min(should, again.get(attempt.number, float("inf")))
        closest = min(closest, attempt.began - before)
        late.append(attempt.began - should)
        new.discard(attempt.number)
        again.pop(attempt.number, None)
        left[attempt.number] -= 1
        if left[attempt.number]:
            again[attempt.number] = attempt.ended + gap_seconds
        before = attempt.began
    return Turns(closest, sorted(late), passed)
