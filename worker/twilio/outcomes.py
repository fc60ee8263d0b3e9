"""What became of a request to Twilio, and news of a call: values, decided once at the client's edge."""

from dataclasses import dataclass
from typing import TypeAlias

from schemas.lua.facts import FINAL_STATUSES
from worker.twilio.refusals import About


@dataclass(frozen=True, slots=True)
class Placed:
    """Twilio has the call."""

    sid: str
    call_status: str
    queue_seconds: float = 0.0  #: that it waits at Twilio before it is dialled, if that is long


@dataclass(frozen=True, slots=True)
class Deferred:
    """Twilio surely did not process the request; the call waits again, for as long as Twilio says if it says so."""

    reason: str
    retry_after_seconds: float | None = None
    by_twilio: bool = False  #: Twilio itself answered


@dataclass(frozen=True, slots=True)
class Refused:
    """
    The call was refused, by Twilio or, without a code, by something on the way to it; it was not placed.

    Whether it may be tried again, and what else must wait, hangs on what the refusal is about.
    """

    code: int | None
    reason: str
    about: About

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
class HungUp:
    """Twilio said that the call is over."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """Twilio said that it has no such call; right after the call's creation this may pass."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Twilio did not say that the call is over: it may go on."""

    reason: str


HangUp: TypeAlias = HungUp | NotFound | NotYet


@dataclass(frozen=True, slots=True)
class News:
    """State of a call as Twilio tells it."""

    sid: str
    call_status: str  #: '' if its word says nothing
    to: str = ""
    from_number: str = ""
    created_ms: int | None = None
    started_ms: int | None = None
    ended_ms: int | None = None
    duration_seconds: int | None = None
    answered_by: str | None = None

    @property
    def final(self) -> bool:
        """Whether the call is over."""
        return self.call_status in FINAL_STATUSES

    def is_between(self, from_number: str, to: str) -> bool:
        """Whether Twilio tells no other numbers of it: what answers may not have looked at what was asked."""
        return self.from_number in {"", from_number} and self.to in {"", to}

    def fields(self) -> dict[str, str]:
        """Fields of the call's record."""
        values = {
            "call_status": self.call_status,
            "started_ms": self.started_ms,
            "ended_ms": self.ended_ms,
            "duration_seconds": self.duration_seconds,
            "answered_by": self.answered_by,
        }
        return {name: str(value) for name, value in values.items() if value not in {None, ""}}
