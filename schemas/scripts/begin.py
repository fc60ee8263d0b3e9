"""begin.lua: the last gate before a call's request leaves."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any, Final, TypeAlias

from schemas.limits import Limits
from schemas.lua.facts import LEAD_US
from schemas.lua.script import Script, ms, paired
from schemas.records import CallRecord


@dataclass(frozen=True, slots=True)
class Go:
    """The request may leave now; nobody else may send it."""

    call: CallRecord
    leaves_in_seconds: float = 0
    late_seconds: float = 0  #: after its slot, if it leaves then
    replicated: bool = True  #: after a failover too, nobody else may send it

    def known_to_replicas(self, *, replicated: bool) -> "Go":
        """The same permission, with what the replicas said."""
        return replace(self, replicated=replicated)


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


@dataclass(frozen=True, slots=True)
class Barred:
    """Its number is not to be called."""


@dataclass(frozen=True, slots=True)
class Capped:
    """Its number was called as often as it may be in 24 hours, or the day has no room for a further attempt."""


Permission: TypeAlias = Go | Wait | Gone | Newer | Barred | Capped
_KEPT: Final[Mapping[str, Permission]] = {"barred": Barred(), "capped": Capped()}


def begin(
    call_id: str, claim: str, limits: Limits, dialling_seconds: float, way_seconds: float = 0, policy: str = ""
) -> Script[Permission]:
    """
    Asks to let a call's request leave, which arrives `way_seconds` later; the same claim may ask again. A call that was
    planned under another policy (CALLING_WINDOWS) does not leave.

    It counts as lost after `dialling_seconds`.
    """

    def read(answer: Any) -> Permission:
        verdict, *rest = answer
        if verdict == "go":
            leaves_in_us, *fields = rest
            record = paired(fields)
            late_us = int(record["arrives_us"]) - int(record["slot_us"])
            return Go(CallRecord.read(call_id, record), int(leaves_in_us) / 1e6, max(0, late_us) / 1e6)
        if verdict == "wait":
            return Wait(int(rest[0]) / 1e6)
        if verdict in _KEPT:
            return _KEPT[verdict]
        return Newer(rest[0]) if verdict == "newer" else Gone(rest[0])

    paces = (*astuple(limits.account), *astuple(limits.singles))
    given = (call_id, claim, ms(dialling_seconds), LEAD_US, *paces, round(way_seconds * 1e6), policy)
    return Script("begin", (*given, limits.most_calls_per_number, limits.most_calls_per_day), read)
