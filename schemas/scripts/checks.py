"""checks.lua, postpone.lua and put_back.lua: calls that are looked at, one after another."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from schemas.errors import RecordError
from schemas.lua.script import Script, ms, paired
from schemas.records import VERSION, CallRecord, version_of
from schemas.states import CallState

#: A newer worker is to meet a newer record soon; a damaged one needs a person.
NEWER_AGAIN_SECONDS: Final = 5
DAMAGED_AGAIN_SECONDS: Final = 86_400


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
    probe: str  #: name of the probe, if a held account is to be probed by a read
    rescued: Mapping[str, str]  #: calls that were put back, and the states that they were stuck in
    call: CallRecord | None = None
    unread: Unread | None = None


def due_check(lease_seconds: float, retention_days: int) -> Script[DueCheck]:
    """What a sweep is to look at next: nobody else gets it during the lease."""
    return Script("checks", (ms(lease_seconds), retention_days * 86_400_000), _due_check)


def put_back(call_id: str, retention_days: int, pause_seconds: float = 0) -> Script[bool]:
    """A call that its worker cannot begin goes back in line, and all wait for so long; False if it has moved on."""
    words = (call_id, retention_days * 86_400_000, round(pause_seconds * 1e6))
    return Script("put_back", words, lambda answer: bool(answer == "1"))


def _due_check(answer: Any) -> DueCheck:
    now_ms, probe, rescued, *rest = answer
    step = DueCheck(int(now_ms), probe, paired(rescued))
    if not rest:
        return step
    call_id, fields = rest[0], paired(rest[1])
    try:
        if (version := version_of(call_id, fields)) > VERSION:
            reason = f"Its record is of version {version}, and this worker knows {VERSION}"
            return replace(step, unread=Unread(call_id, reason, NEWER_AGAIN_SECONDS))
        return replace(step, call=CallRecord.read(call_id, fields))
    except RecordError as error:
        return replace(step, unread=Unread(call_id, str(error), DAMAGED_AGAIN_SECONDS))


def postpone(call_id: str, seconds: float, state: CallState | None = None) -> Script[bool]:
    """Looks at a call again later, if it is still in this state; None: in any. Whether it will be looked at."""
    return Script("postpone", (call_id, state or "", ms(seconds)), lambda answer: bool(answer == "1"))
