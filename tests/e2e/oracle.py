"""
What really happened, told from outside: the calls that the simulator created, held against what the API accepted and
what it reports. Knows nothing of the program's inside.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Words of task-status after which nothing more will be done.
_SETTLED = frozenset({"SUCCESS", "FAILURE", "REVOKED"})


@dataclass(frozen=True)
class Verdict:
    """The figures of one run; all but the first two and the last three ought to be zero."""

    accepted: int  #: numbers of accepted tasks
    created: int  #: calls that came into being
    duplicates: int  #: calls to a number beyond its first
    lost: int  #: numbers that were neither called nor reported failed
    uninvited: int  #: calls to numbers that no accepted task names
    unsettled: int  #: tasks that are still going on
    denied: int  #: calls that came into being and were reported failed
    most_in_second: int  #: calls in the fullest second, counted where they arrive
    most_in_ten_seconds: int
    used_share: float  #: calls per second between the first and the last call, as a share of the limit

    def __str__(self) -> str:
        return (
            f"accepted {self.accepted}, created {self.created}, duplicates {self.duplicates}, lost {self.lost},"
            f" uninvited {self.uninvited}, unsettled {self.unsettled}, created but reported failed {self.denied},"
            f" most in any second {self.most_in_second}, in any ten {self.most_in_ten_seconds},"
            f" limit used {self.used_share:.1%}"
        )


def judge(
    tasks: Mapping[str, Sequence[str]],
    statuses: Mapping[str, Mapping[str, Any]],
    calls: Sequence[Mapping[str, Any]],
    calls_per_second: float,
    window_seconds: tuple[float, float] = (1.0, 10.0),
) -> Verdict:
    """
    Judges a run: accepted tasks with their numbers, what task-status says at the end, and the created calls, counted in
    two windows.
    """
    created = Counter(call["to"] for call in calls)
    invited = {number for numbers in tasks.values() for number in numbers}
    lost = denied = unsettled = 0
    for task_id, numbers in tasks.items():
        status = statuses[task_id]
        placed = sum(1 for number in numbers if created[number])
        if status["status"] == "REVOKED" and len(numbers) > 1:  # some may have been called before, and others not
            continue
        failed = _reported_failed(status, len(numbers))
        unsettled += status["status"] not in _SETTLED
        lost += max(0, len(numbers) - placed - failed)
        denied += max(0, placed + failed - len(numbers))
    times = sorted(call["created_at"] for call in calls)
    return Verdict(
        accepted=sum(len(numbers) for numbers in tasks.values()),
        created=len(calls),
        duplicates=sum(count - 1 for count in created.values()),
        lost=lost,
        uninvited=sum(count for number, count in created.items() if number not in invited),
        unsettled=unsettled,
        denied=denied,
        most_in_second=most_in_any_window(times, window_seconds[0]),
        most_in_ten_seconds=most_in_any_window(times, window_seconds[1]),
        used_share=_used_share(times, calls_per_second),
    )


def most_in_any_window(times: Sequence[float], seconds: float) -> int:
    """The most instants within any half-open window of this length."""
    most = first = 0
    for last, time in enumerate(times):
        while times[first] <= time - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def _reported_failed(status: Mapping[str, Any], total: int) -> int:
    if status["result"] and "counts" in status["result"]:
        counts = status["result"]["counts"]
        # A call that rang and failed was created; `failed` counts it too, but only refused numbers have no call.
        return int(counts["unknown"] + counts["failed"])
    return total if status["status"] in {"FAILURE", "REVOKED"} else 0


def _used_share(times: Sequence[float], calls_per_second: float) -> float:
    if len(times) < 2:
        return 0.0
    return (len(times) - 1) / (times[-1] - times[0]) / calls_per_second
