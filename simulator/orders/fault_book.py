"""The faults in force, and which of them befalls a request or a callback."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import asdict

from simulator.orders.fault import ACTIONS, CALLBACK_KINDS, CONNECTION_KINDS, REQUEST_KINDS, Fault, read_fault


class FaultBook:
    """The faults in force, oldest first; the first that matches and wins its draw happens."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made = 0
        self._faults: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311 - repeatable draws, no secret

    def add(self, body: object) -> Fault:
        """Put one more fault in force."""
        fault = read_fault(body, self._made + 1)
        self._made += 1
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """No more faults; the draws start anew from the seed."""
        self._faults.clear()
        self._random.seed(self._seed)

    def listed(self) -> list[dict[str, object]]:
        """What is in force or yet to come, with the times left."""
        self._forget_over()
        return [asdict(fault) for fault in self._faults]

    def for_request(self, action: str, to: str, call_created_at: float | None = None) -> Fault | None:
        """The fault that befalls a REST request, if any; a call it is about was created then, in epoch seconds."""

        def concerns(fault: Fault) -> bool:
            return action in ACTIONS[fault.on] and (fault.kind != "unseen" or _unseen(fault, call_created_at))

        return self._draw(REQUEST_KINDS, to, concerns)

    def hides(self, to: str, created_at: float) -> bool:
        """Whether lists do not show a call to that number yet; it counts as no time of the fault."""
        now = time.time()
        return any(
            fault.kind == "unseen"
            and "list" in ACTIONS[fault.on]
            and fault.to in (None, to)
            and fault.begun(now)
            and not fault.over(now)
            and _unseen(fault, created_at)
            for fault in self._faults
        )

    def for_callback(self, event: str, to: str) -> Fault | None:
        """The fault that befalls a callback, if any."""
        return self._draw(CALLBACK_KINDS, to, lambda fault: fault.event in (None, event))

    def for_connection(self, port: int) -> str:
        """The kind of fault that befalls a new connection to that port, or an empty string."""
        fault = self._draw(CONNECTION_KINDS, "", lambda fault: fault.port in (None, port))
        return fault.kind if fault else ""

    def _forget_over(self) -> None:
        now = time.time()
        self._faults = [fault for fault in self._faults if not fault.over(now)]

    def _draw(self, kinds: frozenset[str], to: str, concerns: Callable[[Fault], bool]) -> Fault | None:
        if not self._faults:
            return None
        self._forget_over()
        now = time.time()
        for fault in self._faults:
            if fault.kind not in kinds or fault.to not in (None, to) or not fault.begun(now) or not concerns(fault):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None


def _unseen(fault: Fault, call_created_at: float | None) -> bool:
    return call_created_at is not None and time.time() - call_created_at < fault.seconds
