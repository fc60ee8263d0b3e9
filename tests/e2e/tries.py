"""One try at steering a campaign, and what came of many: held against the calls that the simulator created."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

#: What became of a number that no call may have come of.
_WITHOUT_A_CALL: Final = frozenset({"unknown", "failed"})
NEVER: Final = 1e12
#: Calls of each number, oldest first.
Calls: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass
class Try:
    """One campaign, what was wanted of it, and what was answered."""

    verb: str
    task_id: str
    numbers: Sequence[str]
    forbidden: Sequence[str] = ()  #: numbers that may not be dialled
    since: float = NEVER  #: from this instant, at which that was answered
    until: float = NEVER
    tried_again: int = 0  #: numbers, as the answer said

    @property
    def answered(self) -> bool:
        """With 200, and with nothing else if it had ended."""
        return self.since < NEVER

    def dialled_though_forbidden(self, calls: Sequence[Mapping[str, Any]]) -> int:
        """Calls that came into being after the answer."""
        return sum(call["to"] in self.forbidden and self.since < call["created_at"] < self.until for call in calls)


@dataclass
class Result:
    """What came of all tries; the last three ought to be zero."""

    answered: Counter[str] = field(default_factory=Counter)  #: tries that were answered 200
    in_time: Counter[str] = field(default_factory=Counter)  #: those after which something was still to be dialled
    calls: int = 0
    after_the_answer: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def broken(self) -> int:
        return self.after_the_answer + len(self.lost) + len(self.doubled)

    def __str__(self) -> str:
        return (
            f"answered {dict(self.answered)}, with something left to dial {dict(self.in_time)}; {self.calls} calls;"
            f" dialled after the answer {self.after_the_answer}, lost {self.lost}, doubled {self.doubled}"
        )


def judge(one: Try, calls: Calls, outcomes: Mapping[str, str], result: Result) -> None:
    """Adds one try, with the calls of its numbers and what became of them as the program tells it."""
    flat = [call for those in calls.values() for call in those]
    result.calls += len(flat)
    if one.answered:
        result.answered[one.verb] += 1
        result.in_time[one.verb] += _was_in_time(one, calls)
    result.after_the_answer += one.dialled_though_forbidden(flat)
    most = 2 if one.tried_again else 1
    result.doubled += [f"{one.verb} {one.task_id} {number}" for number in calls if len(calls[number]) > most]
    if len(flat) > len(one.numbers) + one.tried_again:
        result.doubled.append(f"{one.verb} {one.task_id}: {len(flat)} calls, {one.tried_again} tried again")
    excused = sum(outcome in _WITHOUT_A_CALL for outcome in outcomes.values())
    if one.verb == "retry" and len(flat) + excused < len(one.numbers) + one.tried_again:
        result.lost.append(f"{one.verb} {one.task_id}: {len(flat)} calls, {one.tried_again} tried again")
    may_be_undialled = one.forbidden if one.verb.startswith("cancel") and one.answered else ()
    result.lost += [
        f"{one.verb} {one.task_id} {number}: {outcomes[number]}"
        for number in one.numbers
        if not calls[number] and number not in may_be_undialled and outcomes[number] not in _WITHOUT_A_CALL
    ]


def _was_in_time(one: Try, calls: Calls) -> bool:
    """Whether something was still to be dialled when the verb was answered."""
    if one.verb == "retry":
        return one.tried_again > 0
    return any(not calls[number] or calls[number][-1]["created_at"] > one.since for number in one.forbidden)
