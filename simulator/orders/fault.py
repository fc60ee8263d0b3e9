"""One order for trouble: what goes wrong, with which requests or callbacks, when, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.orders.reading import OrderError, choice_of, fields_of, flag_of, seconds_of, share_of, text_of, whole_of

#: Without `created` in the order, a call is created by those of CREATED only.
NOTHING_CREATED = frozenset({"reset_before", "error_before", "unavailable", "too_many", "refuse", "proxy", "unseen"})
CREATED = frozenset({"lost_answer", "reset_after", "error_after", "slow", "hang"})
REQUEST_KINDS = NOTHING_CREATED | CREATED
CALLBACK_KINDS = frozenset({"callback_drop", "callback_double", "callback_reorder", "callback_late"})
#: Of connections: at once, at their first bytes, behind the TLS handshake, and never a word.
CONNECTION_KINDS = frozenset({"connect_reset", "handshake_reset", "established_reset", "connect_silence"})
KINDS = REQUEST_KINDS | CALLBACK_KINDS | CONNECTION_KINDS
#: Those where the question whether a call is created answers itself.
CREATION_FIXED = CALLBACK_KINDS | CONNECTION_KINDS | {"slow", "unseen"}
_READS, _WRITES = frozenset({"fetch", "list", "account"}), frozenset({"create", "update", "delete"})
#: `on` of an order -> the actions on the REST API that it means.
ACTIONS = {action: frozenset({action}) for action in _READS | _WRITES} | {
    "read": _READS,
    "write": _WRITES,
    "any": _READS | _WRITES,
}
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
FORMS = frozenset({"twilio", "problem"})


@dataclass(slots=True)
class Fault:
    """One order. `times` None never runs out, `lasts_seconds` None never ends; seconds are real ones.

    `created` says whether the request is carried out all the same, None leaves it to the kind. `form` of an error
    is Twilio's own or the problem details of RFC 9457; `retry_after` goes out as it is.
    """

    id: int
    kind: str
    to: str | None = None
    on: str = "create"
    event: str | None = None
    port: int | None = None
    times: int | None = 1
    probability: float = 1.0
    begins_in_seconds: float = 0.0
    lasts_seconds: float | None = None
    seconds: float = 1.0
    created: bool | None = None
    code: int = 20001
    status: int | None = None
    form: str = "twilio"
    retry_after: str | None = None
    location: str | None = None
    ordered_at: float = field(default_factory=time.time)

    @property
    def processed(self) -> bool:
        """Whether the request that it befalls is carried out nevertheless."""
        return self.kind in CREATED if self.created is None else self.created

    def over(self, now: float) -> bool:
        """Whether its time or its number of times is up."""
        if self.times == 0:
            return True
        return self.lasts_seconds is not None and now >= self.ordered_at + self.begins_in_seconds + self.lasts_seconds

    def begun(self, now: float) -> bool:
        """Whether its time has come."""
        return now >= self.ordered_at + self.begins_in_seconds


def _retry_after_of(value: object, name: str) -> str:
    return text_of(str(value) if isinstance(value, int) and not isinstance(value, bool) else value, name)


# How each field of an order is read; null stands for "any", "for ever" or "as usual" where it may.
_READERS: dict[str, Callable[[object, str], object]] = {
    "kind": lambda value, name: choice_of(value, name, KINDS),
    "to": text_of,
    "on": lambda value, name: choice_of(value, name, ACTIONS),
    "event": lambda value, name: choice_of(value, name, EVENTS),
    "port": lambda value, name: whole_of(value, name, 1, 65_535),
    "times": lambda value, name: whole_of(value, name, 1, 10**9),
    "probability": share_of,
    "begins_in_seconds": seconds_of,
    "lasts_seconds": seconds_of,
    "seconds": seconds_of,
    "created": flag_of,
    "code": lambda value, name: whole_of(value, name, 1, 999_999),
    "status": lambda value, name: whole_of(value, name, 200, 599),
    "form": lambda value, name: choice_of(value, name, FORMS),
    "retry_after": _retry_after_of,
    "location": text_of,
}
_MAY_BE_NULL = frozenset(
    {"to", "event", "port", "times", "lasts_seconds", "created", "status", "retry_after", "location"}
)


def read_fault(body: object, fault_id: int) -> Fault:
    """The fault that an order asks for; it happens once, or as often as it can while it lasts."""
    given = fields_of(body, _READERS)
    fault = Fault(id=fault_id, kind=choice_of(given.get("kind"), "kind", KINDS))
    if given.get("lasts_seconds") is not None:
        fault.times = None
    for name, value in given.items():
        null = value is None and name in _MAY_BE_NULL
        setattr(fault, name, None if null else _READERS[name](value, name))
    if fault.created is not None and fault.kind in CREATION_FIXED:
        raise OrderError(f"created cannot be ordered of {fault.kind}")
    return fault
