"""Records as Redis holds them: hashes of strings, read into values."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from schemas.errors import RecordError
from schemas.fields import PRIORITIES
from schemas.states import CallState, CampaignState

#: What the scripts write as `v` into each record (prelude.lua); records of the first version have none. A worker
#: leaves a newer record to newer workers.
VERSION: Final = 1

State = TypeVar("State", CallState, CampaignState)

#: Order in line: a smaller rank goes first.
RANKS: Final[Mapping[str, int]] = {priority: rank for rank, priority in enumerate(PRIORITIES, start=1)}


class CallRecord(NamedTuple):
    """One call."""

    id: str
    state: CallState
    to: str
    from_number: str
    campaign_id: str | None
    created_ms: int
    updated_ms: int
    due_ms: int
    metadata: dict[str, Any]
    webhook_url: str | None
    status_callback_url: str | None
    tries: int
    hang_up: bool
    dialled_ms: int
    first_dialled_ms: int
    since_ms: int  #: when it came into its state
    doubt: str | None  #: why nobody knows whether Twilio took it
    sid: str | None
    call_status: str | None
    started_ms: int | None
    ended_ms: int | None
    duration_seconds: int | None
    answered_by: str | None
    digits: str | None
    undelivered: int  #: events of the call that its client could not be told
    error: str | None

    @classmethod
    def read(cls, task_id: str, fields: Mapping[str, str]) -> "CallRecord":
        """Reads a hash; raises RecordError if it is none of a call."""
        try:
            return cls(
                id=task_id,
                state=_state(fields, CallState),
                to=fields["to"],
                from_number=fields.get("from", ""),
                campaign_id=fields.get("bulk"),
                created_ms=_whole(fields, "created_ms"),
                updated_ms=_whole(fields, "updated_ms"),
                due_ms=_whole(fields, "due_ms"),
                metadata=_metadata(fields),
                webhook_url=fields.get("webhook_url"),
                status_callback_url=fields.get("status_callback_url"),
                tries=_whole(fields, "tries", 0),
                hang_up=fields.get("hang_up") == "1",
                dialled_ms=_whole(fields, "dialled_ms", 0),
                first_dialled_ms=_whole(fields, "first_dialled_ms", 0),
                since_ms=_whole(fields, "since_ms", 0),
                doubt=fields.get("doubt"),
                sid=fields.get("sid"),
                call_status=fields.get("call_status"),
                started_ms=_optional(fields, "started_ms"),
                ended_ms=_optional(fields, "ended_ms"),
                duration_seconds=_optional(fields, "duration_seconds"),
                answered_by=fields.get("answered_by"),
                digits=fields.get("digits"),
                undelivered=_whole(fields, "undelivered", 0),
                error=fields.get("error"),
            )
        except (KeyError, ValueError, RecursionError) as error:
            raise RecordError(f"The record of call {task_id} is damaged: {error!r}") from None


COUNTS: Final = ("live", "completed", "busy", "no_answer", "failed", "canceled", "unknown")


class CampaignRecord(NamedTuple):
    """One bulk task and how far its numbers are."""

    id: str
    state: CampaignState
    total: int
    created_ms: int
    updated_ms: int
    counts: Mapping[str, int]
    placed: int
    dialled: int
    error: str | None

    @classmethod
    def read(cls, task_id: str, fields: Mapping[str, str]) -> "CampaignRecord":
        """Reads a hash; raises RecordError if it is none of a campaign."""
        try:
            return cls(
                id=task_id,
                state=_state(fields, CampaignState),
                total=_whole(fields, "total"),
                created_ms=_whole(fields, "created_ms"),
                updated_ms=_whole(fields, "updated_ms"),
                counts={name: _whole(fields, name, 0) for name in COUNTS},
                placed=_whole(fields, "placed", 0),
                dialled=_whole(fields, "dialled", 0),
                error=fields.get("error"),
            )
        except (KeyError, ValueError) as error:
            raise RecordError(f"The record of campaign {task_id} is damaged: {error!r}") from None

    @property
    def waiting(self) -> int:
        """Numbers that were not dialled yet."""
        return self.total - sum(self.counts.values())

    @property
    def settled(self) -> int:
        """Numbers whose outcome is known, or known to stay unknown."""
        return self.total - self.waiting - self.counts["live"]


def version_of(task_id: str, fields: Mapping[str, str]) -> int:
    """Which version of this program wrote the record; raises RecordError if that cannot be read."""
    try:
        return _whole(fields, "v", 0)
    except ValueError as error:
        raise RecordError(f"The record of task {task_id} is damaged: {error!r}") from None


TaskRecord: TypeAlias = CallRecord | CampaignRecord


def read_task(task_id: str, fields: Mapping[str, str]) -> TaskRecord | None:
    """Reads the hash of a task; None if there is none."""
    if not fields:
        return None
    return CampaignRecord.read(task_id, fields) if fields.get("kind") == "bulk" else CallRecord.read(task_id, fields)


def _metadata(fields: Mapping[str, str]) -> dict[str, Any]:
    packed = fields.get("metadata")
    if not packed:
        return {}
    metadata = json.loads(packed)
    if not isinstance(metadata, dict):
        raise ValueError("metadata is no object")
    return metadata


# Python's own messages would show the values, and errors end up in logs.


def _state(fields: Mapping[str, str], states: type[State]) -> State:
    try:
        return states(fields["state"])
    except ValueError:
        raise ValueError("state is none of those there are") from None


def _whole(fields: Mapping[str, str], name: str, default: int | None = None) -> int:
    try:
        return int(fields[name]) if default is None or name in fields else default
    except ValueError:
        raise ValueError(f"{name} is no whole number") from None


def _optional(fields: Mapping[str, str], name: str) -> int | None:
    return _whole(fields, name) if fields.get(name) else None
