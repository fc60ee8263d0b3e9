"""Faults a test orders: in answers to REST requests, and in status callbacks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

from simulator.call_request import EVENTS
from simulator.script import ScriptError, seconds_of

NOTHING_CREATED = frozenset({"reset_before", "error_before", "unavailable", "too_many", "refuse"})
CREATED = frozenset({"lost_answer", "reset_after", "error_after", "slow", "hang"})
REQUEST_KINDS = NOTHING_CREATED | CREATED
CALLBACK_KINDS = frozenset({"callback_drop", "callback_double", "callback_reorder", "callback_late"})
KINDS = REQUEST_KINDS | CALLBACK_KINDS
ACTIONS = ("create", "fetch", "list", "update", "delete")
# The Twilio code each fault kind with a plain error answer carries.
FAULT_CODES = {"error_before": 20500, "error_after": 20500, "unavailable": 20503, "too_many": 20429}


@dataclass(slots=True)
class Fault:
    """One order for trouble. `times` None never runs out; `seconds` are real ones."""

    id: int
    kind: str
    to: str | None = None
    on: str = "create"
    event: str | None = None
    times: int | None = 1
    probability: float = 1.0
    seconds: float = 1.0
    code: int = 20001
    status: int | None = None


def _whole(value: object, name: str, lowest: int, highest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise ScriptError(f"{name} must be a whole number from {lowest} to {highest}")
    return value


def _one_of(value: object, name: str, choices: Iterable[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ScriptError(f"{name} must be one of {sorted(choices)}")
    return value


def _number_of(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ScriptError(f"{name} must be a number's text, or null for any")
    return value


def _probability_of(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ScriptError(f"{name} must be a number from 0 to 1")
    return float(value)


# How each field of a control request is read; null stands for "any" or "for ever" where it may.
_READERS: dict[str, Callable[[object, str], object]] = {
    "kind": lambda value, name: _one_of(value, name, KINDS),
    "to": _number_of,
    "on": lambda value, name: _one_of(value, name, ACTIONS),
    "event": lambda value, name: _one_of(value, name, EVENTS),
    "times": lambda value, name: _whole(value, name, 1, 10**9),
    "probability": _probability_of,
    "seconds": seconds_of,
    "code": lambda value, name: _whole(value, name, 1, 99_999),
    "status": lambda value, name: _whole(value, name, 400, 599),
}
_MAY_BE_NULL = frozenset({"to", "event", "times", "status"})


def read_fault(body: object, fault_id: int) -> Fault:
    """The fault a control request asks for; `times` defaults to 1."""
    if not isinstance(body, Mapping):
        raise ScriptError("the body must be a JSON object")
    if unknown := sorted(set(body) - set(_READERS)):
        raise ScriptError(f"unknown fields {unknown}; known are {sorted(_READERS)}")
    fault = Fault(id=fault_id, kind=_one_of(body.get("kind"), "kind", KINDS))
    for name, value in body.items():
        null = value is None and name in _MAY_BE_NULL
        setattr(fault, name, None if null else _READERS[name](value, name))
    return fault


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
        """What is in force, with the times left."""
        return [asdict(fault) for fault in self._faults]

    def for_request(self, action: str, to: str) -> Fault | None:
        """The fault that befalls a REST request, if any."""
        if not self._faults:
            return None
        return self._draw(REQUEST_KINDS, to, lambda fault: fault.on == action)

    def for_callback(self, event: str, to: str) -> Fault | None:
        """The fault that befalls a status callback, if any."""
        if not self._faults:
            return None
        return self._draw(CALLBACK_KINDS, to, lambda fault: fault.event in (None, event))

    def _draw(self, kinds: frozenset[str], to: str, concerns: Callable[[Fault], bool]) -> Fault | None:
        for fault in self._faults:
            if fault.kind not in kinds or fault.to not in (None, to) or not concerns(fault):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
            return fault
        return None
