"""What became of a request to Twilio, and news of a call: values, decided once at the client's edge."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from worker.twilio_errors import ErrorClass

#: Twilio's terminal statuses of a call (https://www.twilio.com/docs/voice/api/call-resource).
FINAL_STATUSES: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


@dataclass(frozen=True, slots=True)
class Placed:
    """Twilio has the call."""

    sid: str
    call_status: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Twilio did not process the request; the call waits again."""

    reason: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Twilio refused the call for good."""

    code: int | None
    reason: str
    error_class: ErrorClass

    @property
    def sentence(self) -> str:
        """What a client reads, with Twilio's code."""
        return f"Twilio refused the call: {self.reason} (error {self.code})" if self.code else self.reason


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request may have been processed: it must be looked up, never repeated."""

    reason: str


Outcome: TypeAlias = Placed | Deferred | Refused | Unknown


@dataclass(frozen=True, slots=True)
class News:
    """State of a call as Twilio tells it."""

    sid: str
    call_status: str
    created_ms: int | None = None
    started_ms: int | None = None
    ended_ms: int | None = None
    duration_seconds: int | None = None
    answered_by: str | None = None

    @property
    def final(self) -> bool:
        """Whether the call is over."""
        return self.call_status in FINAL_STATUSES

    def fields(self) -> dict[str, str]:
        """Fields of the call's record."""
        values = {
            "call_status": self.call_status,
            "started_ms": self.started_ms,
            "ended_ms": self.ended_ms,
            "duration_seconds": self.duration_seconds,
            "answered_by": self.answered_by,
        }
        return {name: str(value) for name, value in values.items() if value is not None}
