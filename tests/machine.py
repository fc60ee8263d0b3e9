"""What a busy machine takes from whoever runs on it, so that no test takes the machine's slowness for the program's."""

import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

_REST_SECONDS: Final = 0.01
#: What takes about so long on a machine that has nothing else to do.
_STEPS: Final = 40_000
_WORK_SECONDS: Final = 0.001


class Round(NamedTuple):
    """A rest and a piece of work of known length, as long as they took."""

    ended: float
    began: float
    worked_seconds: float = 0.0  #: 0 while it is under way

    @property
    def lost_seconds(self) -> float:
        """How much longer it took than on a machine that is not busy."""
        return max(0.0, self.ended - self.began - _REST_SECONDS - _WORK_SECONDS)


class Machine:
    """
    While it is entered, a thread rests and works in turns. From how long that takes follows how long something that
    runs beside it would take if the machine were not busy: it lost the same rests, or worked as slowly.

    Instants are those of `time.time()`, which the simulator and Redis tell too.
    """

    def __init__(self) -> None:
        self.worst_seconds = 0.0  #: the most that was lost in one round
        self._rounds: list[Round] = []
        self._began = time.time()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="machine", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def seconds(self, since: float, until: float) -> float:
        """The time between two instants, as it would have been on a machine that is not busy."""
        rounds, took = self._between(since, until), until - since
        lost = sum(min(one.lost_seconds, max(0.0, min(one.ended, until) - max(one.began, since))) for one in rounds)
        worked = [one.worked_seconds for one in rounds if one.worked_seconds]
        slowness = max(1.0, sum(worked) / len(worked) / _WORK_SECONDS) if worked else 1.0
        return min(took - lost, took / slowness)

    def shortened(self, window_seconds: float) -> float:
        """A window so short that what arrives within it did not only arrive together because the machine held it up."""
        return max(window_seconds - self.worst_seconds, 0.001)

    def stopwatch(self) -> "Stopwatch":
        """Tells the seconds from now on."""
        return Stopwatch(self, time.time())

    def _between(self, since: float, until: float) -> list[Round]:
        """The rounds that overlap that time, the one under way too."""
        began, rounds = self._began, [*self._rounds]
        if not rounds or rounds[-1].ended <= began:
            rounds.append(Round(time.time(), began))
        ended = [one.ended for one in rounds]
        return rounds[bisect_right(ended, since) : bisect_left(ended, until) + 1]

    def _run(self) -> None:
        while not self._over.is_set():
            self._began = time.time()
            time.sleep(_REST_SECONDS)
            rested = time.time()
            sum(range(_STEPS))
            now = time.time()
            self._rounds.append(Round(now, self._began, now - rested))
            self.worst_seconds = max(self.worst_seconds, self._rounds[-1].lost_seconds)


def quickest(measure: Callable[[], float], enough: float) -> float:
    """
    The first of twenty measurements that is below what is enough, or the least of them all.

    A busy machine makes some take longer; a slow program all.
    """
    least = measure()
    for _ in range(19):
        if least < enough:
            break
        least = min(least, measure())
    return least


@dataclass(frozen=True)
class Stopwatch:
    """A clock that runs as slowly as the machine does."""

    machine: Machine
    began: float

    @property
    def seconds(self) -> float:
        """Since it was started."""
        return self.machine.seconds(self.began, time.time())


async def least_cpu_seconds(what: Callable[[], Awaitable[object]]) -> float:
    """The least it takes of a processor in three times: a collection of garbage or a halt is not in each."""
    took = []
    for _ in range(3):
        began = time.process_time()
        await what()
        took.append(time.process_time() - began)
    return min(took)
