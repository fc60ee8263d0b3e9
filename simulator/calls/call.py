"""One call, as the simulator remembers it."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.calls.script import Script
from simulator.form.call_request import CallRequest
from simulator.form.parameter import Document

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
    in the call's own clock. `ordinal` counts the calls of this simulator; `status_callback`, `fallback` and
    `time_limit_seconds` are the request's until an update names others. `auth_token` is what the request gave;
    `voices` and `languages` are those that its TwiML named, or "default", each once."""

    sid: str
    account_sid: str
    ordinal: int
    created_at: float
    request: CallRequest
    params: dict[str, list[str]]
    script: Script
    auth_token: str
    status_callback: Document
    fallback: Document
    time_limit_seconds: int
    queue_milliseconds: int = 0
    status: str = QUEUED
    updated_at: float = 0.0
    dialled_at: float | None = None
    rings_since: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    duration_seconds: int = 0
    answered_by: str | None = None
    sip_response_code: int | None = None
    digits_pressed: str = ""
    recording_sid: str | None = None
    document_read: bool = False
    deleted: bool = False
    heard: list[str] = field(default_factory=list)
    voices: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
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
