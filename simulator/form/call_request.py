"""The form of `POST /Calls.json`, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.form.detection import Detection, read_detection
from simulator.form.magic_number import refuse_magic
from simulator.form.parameter import Document, Form, address, first, whole_number
from simulator.form.phone_number import is_phone_number, may_be_called
from simulator.form.recording import Recording, read_recording
from simulator.form.refusal import RefusalError

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
LONGEST_TWIML_CHARACTERS = 4000
LONGEST_REASON_CHARACTERS = 50
DEFAULT_TIME_LIMIT_SECONDS = 4 * 3600
_TIME_LIMITS = range(1, 24 * 3600 + 1)
_SEND_DIGITS = re.compile(r"[0-9A-Da-d#*wW]{1,32}")
_APPLICATION_SID = re.compile(r"AP[0-9a-f]{32}")
#: A caller id that is no phone number: a client's name or a SIP address.
_OTHER_CALLER_ID = re.compile(r"(client|sips?):\S{1,200}")


@dataclass(frozen=True, slots=True)
class CallRequest:
    """One accepted order for a call."""

    to: str
    from_: str
    document: Document
    fallback: Document
    status_callback: Document
    events: frozenset[str]
    events_well_formed: bool
    ring_limit_seconds: int
    time_limit_seconds: int
    send_digits: str
    caller_id: str
    call_reason: str
    detection: Detection | None
    recording: Recording | None


def read_document(form: Form) -> Document:
    """The TwiML's source; where both are given `Twiml` is ignored, as Twilio does (32019)."""
    document, twiml = address(form, "Url", 21205, "Method"), first(form, "Twiml")
    if document.url:
        return document
    if len(twiml) > LONGEST_TWIML_CHARACTERS:
        raise RefusalError(32018)
    return Document(twiml=twiml)


def read_fallback(form: Form) -> Document:
    """Where TwiML comes from if its own source fails."""
    return address(form, "FallbackUrl", 21205, "FallbackMethod")


def read_status_callback(form: Form) -> Document:
    """Where the call's news go."""
    return address(form, "StatusCallback", 21609)


def read_time_limit(form: Form, default: int = DEFAULT_TIME_LIMIT_SECONDS) -> int:
    """How long the call may last from its answer on, in seconds."""
    return whole_number(form, "TimeLimit", default, _TIME_LIMITS, 20001)


def _numbers(form: Form) -> tuple[str, str]:
    to, from_ = first(form, "To"), first(form, "From")
    if not to:
        raise RefusalError(21201)
    if not from_:
        raise RefusalError(21213)
    if not is_phone_number(to) or to == from_:
        raise RefusalError(21211, to)
    if not may_be_called(to):
        raise RefusalError(21202, to)
    if not is_phone_number(from_) or not may_be_called(from_):
        raise RefusalError(21212, from_)
    refuse_magic(to, from_)
    return to, from_


def _caller_id(form: Form) -> str:
    text = first(form, "CallerId")
    if text and not is_phone_number(text) and not _OTHER_CALLER_ID.fullmatch(text):
        raise RefusalError(21212, text)
    return text


def _check_source(form: Form) -> None:
    if not any(first(form, name) for name in ("Url", "Twiml", "ApplicationSid")):
        raise RefusalError(21205, "one of Url, Twiml and ApplicationSid is required")
    application_sid = first(form, "ApplicationSid")
    if application_sid and not _APPLICATION_SID.fullmatch(application_sid):
        raise RefusalError(21218, application_sid)


def read_call_request(form: Form) -> CallRequest:
    """Check the whole form, or raise what Twilio would answer.

    An ill-formed `StatusCallbackEvent` is accepted, and silences every callback (Twilio 21626).
    """
    to, from_ = _numbers(form)
    _check_source(form)
    digits = first(form, "SendDigits")
    if digits and not _SEND_DIGITS.fullmatch(digits):
        raise RefusalError(21206, digits)
    reason = first(form, "CallReason")
    if len(reason) > LONGEST_REASON_CHARACTERS:
        raise RefusalError(20001, f"CallReason={reason}")
    events = frozenset(form.get("StatusCallbackEvent") or ("completed",))
    detection = read_detection(form)
    return CallRequest(
        to=to,
        from_=from_,
        document=read_document(form),
        fallback=read_fallback(form),
        status_callback=read_status_callback(form),
        events=events & EVENTS,
        events_well_formed=events <= EVENTS,
        ring_limit_seconds=whole_number(form, "Timeout", 60, range(1, 601), 21208),
        time_limit_seconds=read_time_limit(form),
        send_digits=digits,
        caller_id=_caller_id(form),
        call_reason=reason,
        detection=None if digits else detection,
        recording=read_recording(form),
    )
