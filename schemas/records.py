"""Records as Redis holds them: hashes of strings, read into values."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from schemas.campaigns.attempts import last_attempt
from schemas.errors import RecordError
from schemas.options.recorded import CallOptions, read_object
from schemas.states import CallState, CampaignState

#: What the scripts write as `v` into each record (prelude.lua); records of the first version have none. A worker
#: leaves a newer record to newer workers.
VERSION: Final = 2
#: How campaigns are kept: 1 as lists of numbers, 2 in rows. A version that knows less dials none of them.
LAYOUT: Final = 2

State = TypeVar("State", CallState, CampaignState)
_STATES: Final[Mapping[Any, Mapping[str, Any]]] = {
    states: {str(state): state for state in states} for states in (CallState, CampaignState)
}

PRIORITIES: Final = ("high", "normal", "low")
DEFAULT_PRIORITY: Final = "normal"

#: Order in line: a smaller rank goes first.
RANKS: Final[Mapping[str, int]] = {priority: rank for rank, priority in enumerate(PRIORITIES, start=1)}


_MAY_BE_EMPTY: Final = frozenset({"started_ms", "ended_ms", "duration_seconds"})
_NUMBERS: Final = _MAY_BE_EMPTY | {
    "created_ms",
    "updated_ms",
    "due_ms",
    "tries",
    "attempt_number",
    "dialled_ms",
    "first_dialled_ms",
    "since_ms",
    "undelivered",
    "retrying",
}


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
    hang_up: bool
    options: CallOptions
    kept: Mapping[str, Any] | None  #: its last attempt, if the next one was cancelled
    webhook_url: str | None = None
    status_callback_url: str | None = None
    tries: int = 0  #: requests that left, or were to
    attempt_number: int = 1  #: how often it was to be handed to Twilio; each time gives one final event
    dialled_ms: int = 0
    first_dialled_ms: int = 0
    since_ms: int = 0  #: when it came into its state
    doubt: str | None = None  #: why nobody knows whether Twilio took it
    sid: str | None = None
    call_status: str | None = None
    started_ms: int | None = None
    ended_ms: int | None = None
    duration_seconds: int | None = None
    answered_by: str | None = None
    digits: str | None = None
    recording_sid: str | None = None
    undelivered: int = 0  #: events of the call that its client could not be told
    retrying: int = 0  #: events whose delivery has failed and is repeated
    error: str | None = None
    external_id: str | None = None
    reason: str | None = None  #: why it was cancelled, if nobody wanted it: expired | do_not_call

    @classmethod
    def read(cls, task_id: str, fields: Mapping[str, str]) -> "CallRecord":
        """Reads a hash; raises RecordError if it is none of a call."""
        try:
            its, state = _plain(fields), _state(fields, CallState)
            return cls(
                id=task_id,
                state=state,
                to=fields["to"],
                from_number=fields.get("from", ""),
                campaign_id=fields.get("bulk"),
                created_ms=its.pop("created_ms"),
                updated_ms=its.pop("updated_ms"),
                due_ms=its.pop("due_ms"),
                metadata=read_object(fields.get("kept_metadata", fields.get("metadata")), "metadata"),
                hang_up=fields.get("hang_up") == "1",
                options=CallOptions.read(fields),
                kept=last_attempt(task_id, fields) if state is CallState.CANCELLED else None,
                **its,
            )
        except (KeyError, ValueError, RecursionError) as error:
            raise RecordError(f"The record of call {task_id} is damaged: {error!r}") from None

    @property
    def made(self) -> "CallRecord":
        """As its last attempt left it, if a further one was cancelled: a call that was made stays one."""
        if self.kept is None:
            return self
        state = CallState.ENDED if self.kept["sid"] else CallState.REJECTED
        return self._replace(state=state, hang_up=False, **self.kept)


#: Fields that a record may lack; they have the same name there.
_TEXTS: Final = frozenset(CallRecord._field_defaults) - _NUMBERS

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
    begun: bool  #: some number was handed over
    lasted_ms: tuple[int, ...]  #: how long the last calls that are over took up a place of it
    expired: bool  #: its numbers that had not begun by its end were not dialled
    undelivered: int  #: events of its own that its client could not be told
    retrying: int  #: those whose delivery has failed and is repeated
    error: str | None

    @classmethod
    def read(cls, task_id: str, fields: Mapping[str, str]) -> "CampaignRecord":
        """Reads a hash; raises RecordError if it is none of a campaign."""
        try:
            counts = {name: _whole(fields, name, 0) for name in COUNTS}
            # The scripts count a call as live from its admission on, for its place is taken; here it still waits.
            counts["live"] -= _whole(fields, "dispatched", 0)
            return cls(
                id=task_id,
                state=_state(fields, CampaignState),
                total=_whole(fields, "total"),
                created_ms=_whole(fields, "created_ms"),
                updated_ms=_whole(fields, "updated_ms"),
                counts=counts,
                placed=_whole(fields, "placed", 0),
                # Versions before 2 did not note it.
                begun="first_dialled_ms" in fields or any(counts[name] for name in COUNTS if name != "canceled"),
                lasted_ms=tuple(int(lasted) for lasted in fields.get("lasted", "").split()),
                expired=fields.get("expired") == "1",
                undelivered=_whole(fields, "undelivered", 0),
                retrying=_whole(fields, "retrying", 0),
                error=fields.get("error"),
            )
        except (KeyError, ValueError) as error:
            raise RecordError(f"The record of campaign {task_id} is damaged: {error!r}") from None

    @property
    def waiting(self) -> int:
        """Numbers that are not dialled yet, or not again."""
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


# Python's own messages would show the values, and errors end up in logs.


def _state(fields: Mapping[str, str], states: type[State]) -> State:
    state: State | None = _STATES[states].get(fields["state"])
    if state is None:
        raise ValueError("state is none of those there are")
    return state


def _whole(fields: Mapping[str, str], name: str, default: int | None = None) -> int:
    try:
        return int(fields[name]) if default is None or name in fields else default
    except ValueError:
        raise ValueError(f"{name} is no whole number") from None


def _plain(fields: Mapping[str, str]) -> dict[str, Any]:
    """What a call's record holds of its texts and whole numbers."""
    its: dict[str, Any] = {}
    for name, text in fields.items():
        if name in _TEXTS:
            its[name] = text
        elif name in _NUMBERS and (text or name not in _MAY_BE_EMPTY):
            try:
                its[name] = int(text)
            except ValueError:
                raise ValueError(f"{name} is no whole number") from None
    return its
