"""What the scripts answer the workers: decisions, as values."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from schemas.records import CallRecord


@dataclass(frozen=True, slots=True)
class Go:
    """The request may leave now; nobody else may send it."""

    call: CallRecord
    leaves_in_seconds: float = 0
    late_seconds: float = 0  #: after its slot, if it leaves then
    confirmed: bool = True  #: by the replicas: after a failover too, nobody else may send it


@dataclass(frozen=True, slots=True)
class Wait:
    """The call's slot has not come yet."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gone:
    """The call has moved on: another worker has it, or it is cancelled."""

    state: str


@dataclass(frozen=True, slots=True)
class Newer:
    """A newer version of this program wrote the record, and its workers shall place the call."""

    version: str


Permission: TypeAlias = Go | Wait | Gone | Newer


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a change of state came to."""

    verdict: Literal["done", "late", "moved", "taken", "gone"]
    state: str
    hang_up: bool
    confirmed: bool = True  #: by the replicas, if it was about an attempt


@dataclass(frozen=True, slots=True)
class Wakes:
    """What beat is to send now, and how long it may sleep then."""

    dispatch: bool
    sweep: bool
    sleep_seconds: float


@dataclass(frozen=True, slots=True)
class Unread:
    """A call whose record this worker leaves alone."""

    call_id: str
    reason: str
    again_seconds: float  #: when a sweep is to meet it next


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A step of a sweep. With neither a call nor one left alone, there is nothing more to do."""

    now_ms: int
    probe: bool  #: the halted account is to be probed
    call: CallRecord | None = None
    unread: Unread | None = None
