"""The form of `POST /Calls.json`, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.address import is_phone_number, is_url
from simulator.magic_number import refuse_magic
from simulator.refusal import RefusalError

Form = Mapping[str, Sequence[str]]

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
LONGEST_TWIML_CHARACTERS = 4000
DEFAULT_RING_LIMIT_SECONDS = 60
LONGEST_RING_LIMIT_SECONDS = 600
DEFAULT_TIME_LIMIT_SECONDS = 4 * 3600
_SEND_DIGITS = re.compile(r"[0-9A-Da-d#*wW]{1,32}")


@dataclass(frozen=True, slots=True)
class Document:
    """Where a call's TwiML comes from: a URL with its HTTP method, or the text itself, or neither
    (an application, which is not imitated)."""

    url: str = ""
    method: str = "POST"
    twiml: str = ""


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
    machine_detection: str
    async_amd: bool
    async_amd_callback: Document


def first(form: Form, name: str) -> str:
    """The first value of a parameter, or an empty string."""
    values = form.get(name)
    return values[0].strip() if values else ""


def _method(form: Form, name: str) -> str:
    method = first(form, name).upper() or "POST"
    if method not in ("GET", "POST"):
        raise RefusalError(21209, first(form, name))
    return method


def _whole_number(form: Form, name: str, default: int, code: int, limit: int) -> int:
    text = first(form, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= limit):
        raise RefusalError(code, f"{name}={text}")
    return int(text[:9])


def read_document(form: Form) -> Document:
    """The TwiML's source; where both are given `Twiml` is ignored, as Twilio does (32019)."""
    url, twiml = first(form, "Url"), first(form, "Twiml")
    if url:
        if not is_url(url):
            raise RefusalError(21205, url)
        return Document(url=url, method=_method(form, "Method"))
    if len(twiml) > LONGEST_TWIML_CHARACTERS:
        raise RefusalError(32018)
    return Document(twiml=twiml)


def read_callback(form: Form, name: str) -> Document:
    """The address of a callback, or an empty one; an invalid URL is Twilio error 21609."""
    url = first(form, name)
    if url and not is_url(url):
        raise RefusalError(21609, url)
    return Document(url=url, method=_method(form, f"{name}Method"))


def _check_numbers(form: Form) -> tuple[str, str]:
    to, from_ = first(form, "To"), first(form, "From")
    if not to:
        raise RefusalError(21201)
    if not from_:
        raise RefusalError(21213)
    if not is_phone_number(to) or to == from_:
        raise RefusalError(21211, to)
    if not is_phone_number(from_):
        raise RefusalError(21212, from_)
    return to, from_


def read_call_request(form: Form) -> CallRequest:
    """Check the whole form, or raise what Twilio would answer.

    An ill-formed `StatusCallbackEvent` is accepted, and silences every callback (Twilio 21626).
    """
    to, from_ = _check_numbers(form)
    if not any(first(form, name) for name in ("Url", "Twiml", "ApplicationSid")):
        raise RefusalError(21205, "one of Url, Twiml and ApplicationSid is required")
    document = read_document(form)
    digits = first(form, "SendDigits")
    if digits and not _SEND_DIGITS.fullmatch(digits):
        raise RefusalError(21206, digits)
    events = frozenset(form.get("StatusCallbackEvent") or ("completed",))
    fallback_url = first(form, "FallbackUrl")
    request = CallRequest(
        to=to,
        from_=from_,
        document=document,
        fallback=Document(url=fallback_url if is_url(fallback_url) else "", method=_method(form, "FallbackMethod")),
        status_callback=read_callback(form, "StatusCallback"),
        events=events & EVENTS,
        events_well_formed=events <= EVENTS,
        ring_limit_seconds=_whole_number(
            form, "Timeout", DEFAULT_RING_LIMIT_SECONDS, 21208, LONGEST_RING_LIMIT_SECONDS
        ),
        time_limit_seconds=_whole_number(form, "TimeLimit", DEFAULT_TIME_LIMIT_SECONDS, 20001, 24 * 3600),
        machine_detection="" if digits else first(form, "MachineDetection"),
        async_amd=first(form, "AsyncAmd").lower() == "true",
        async_amd_callback=read_callback(form, "AsyncAmdStatusCallback"),
    )
    refuse_magic(to, from_)
    return request
