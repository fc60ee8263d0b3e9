"""One call, as the simulator remembers it."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.call_request import CallRequest, Document

QUEUED, RINGING, IN_PROGRESS = "queued", "ringing", "in-progress"
COMPLETED, BUSY, FAILED = "completed", "busy", "failed"
NO_ANSWER, CANCELED = "no-answer", "canceled"
ENDED = frozenset({COMPLETED, BUSY, FAILED, NO_ANSWER, CANCELED})
STATUSES = ENDED | {QUEUED, RINGING, IN_PROGRESS}


@dataclass(slots=True)
class CallbackRecord:
    """One status callback: what was sent where, and what came of it."""

    event: str
    status: str
    url: str
    sequence_number: int | None
    http_status: int | None = None
    attempts: int = 0
    failure: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class CallError:
    """What Twilio would put into the call's notifications."""

    at: float
    code: int
    message: str
    url: str


@dataclass(slots=True)
class Call:
    """A call from its creation on. Times are epoch seconds of the wall clock; `duration_seconds` is
    in the call's own clock. `ordinal` counts the calls of this
    simulator; `status_callback` is the request's until an update names another."""

    sid: str
    account_sid: str
    ordinal: int
    created_at: float
    request: CallRequest
    params: dict[str, list[str]]
    status_callback: Document
    queue_milliseconds: int = 0
    status: str = QUEUED
    updated_at: float = 0.0
    dialled_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    duration_seconds: int = 0
    answered_by: str | None = None
    sip_response_code: int | None = None
    digits_pressed: str = ""
    deleted: bool = False
    heard: list[str] = field(default_factory=list)
    callbacks: list[CallbackRecord] = field(default_factory=list)
    errors: list[CallError] = field(default_factory=list)

    @property
    def live(self) -> bool:
        """Whether it has not ended yet."""
        return self.status not in ENDED

    @property
    def billed_minutes(self) -> int:
        """Minutes begun, which is how Twilio bills."""
        return -(-self.duration_seconds // 60)
