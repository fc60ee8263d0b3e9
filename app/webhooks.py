"""What Twilio posts: the events of our calls, and the request for what an answered call is told."""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from aiohttp_apispec import docs

from app.body import read_body
from app.context import EVENTS, LEDGER, RELAY, SETTINGS
from app.documentation import STORE_AWAY, answered_with
from app.errors import Forbidden
from app.events import CallEvent
from app.signature import HEADER, is_signed
from app.twiml import NOT_OURS, THANKS, short, spoken
from schemas.answers import Problem
from schemas.records import CallRecord
from schemas.speech import Speech
from schemas.webhooks import INCOMING_CALL_PATH, own_url

log = structlog.get_logger("app.webhooks")

_FINAL: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_STATUSES: Final = _FINAL | {"queued", "initiated", "ringing", "in-progress"}
_DIGITS: Final = re.compile(r"[0-9*#A-D]{1,32}", re.ASCII)

_FORBIDDEN: Final = answered_with(Problem, "The request is not signed by Twilio", 403)


@dataclass(frozen=True, slots=True)
class Post:
    """A form that Twilio signed."""

    call_id: str
    body: str
    fields: dict[str, str]


@docs(
    tags=["Twilio"],
    summary="Status callbacks of Twilio",
    responses={204: {"description": "Stored"}} | _FORBIDDEN | STORE_AWAY,
)
async def call_status(request: web.Request) -> web.Response:
    """Stores an event of a call; 204 only then, so that Twilio repeats what could not be stored."""
    post = await _signed_post(request)
    if (
        post.call_id
        and (event := _event_of(post)) is not None
        and await request.app[EVENTS].record(post.call_id, event)
    ):
        request.app[RELAY].wake()
    return web.Response(status=204)


@docs(
    tags=["Twilio"],
    summary="TwiML of an answered call",
    responses={200: {"description": "TwiML, text/xml"}} | _FORBIDDEN | STORE_AWAY,
)
async def incoming_call(request: web.Request) -> web.Response:
    """Tells an answered call its message, and stores the digits that were pressed."""
    post = await _signed_post(request)
    call = await request.app[LEDGER].find(post.call_id) if post.call_id else None
    if not isinstance(call, CallRecord):
        return _twiml(short(NOT_OURS))
    digits = post.fields.get("Digits", "")
    if _DIGITS.fullmatch(digits):
        event = CallEvent(sid=post.fields.get("CallSid", ""), fields={"digits": digits})
        await request.app[EVENTS].record(call.id, event)
        return _twiml(short(THANKS))
    action_url = own_url(request.app[SETTINGS].public_base_url, INCOMING_CALL_PATH, call.id)
    return _twiml(spoken(Speech.of(call.metadata), action_url))


async def _signed_post(request: web.Request) -> Post:
    """The form of a request that Twilio signed; raises Forbidden for every other."""
    settings = request.app[SETTINGS]
    body = (await read_body(request)).decode("utf-8", "replace")
    fields = parse_qsl(body, keep_blank_values=True)
    signature = request.headers.get(HEADER, "")
    url = settings.public_base_url + request.raw_path
    if not settings.public_base_url or not is_signed(signature, url, fields, settings.auth_tokens):
        log.warning("webhook_not_signed", path=request.path)
        raise Forbidden
    form = dict(fields)
    call_id = request.query.get("call", "") or await request.app[EVENTS].call_with_sid(form.get("CallSid", ""))
    return Post(call_id, body, form)


def _event_of(post: Post) -> CallEvent | None:
    """What an event says of its call; None if it says nothing."""
    form = post.fields
    status = form.get("CallStatus", "")
    sequence = form.get("SequenceNumber", "")
    fields = {"answered_by": form.get("AnsweredBy", "")}
    at_ms = _timestamp_ms(form.get("Timestamp", ""))
    if status not in _STATUSES or not sequence.isdecimal():
        return CallEvent(sid=form.get("CallSid", ""), fields=_filled(fields)) if fields["answered_by"] else None
    fields |= {"call_status": status}
    if status == "initiated":
        fields["started_ms"] = at_ms
    if status in _FINAL:
        fields |= {"ended_ms": at_ms, "duration_seconds": form.get("CallDuration", "")}
    return CallEvent(
        sid=form.get("CallSid", ""),
        fields=_filled(fields),
        sequence=sequence,
        final=status in _FINAL,
        body=post.body,
    )


def _filled(fields: dict[str, str]) -> dict[str, str]:
    numeric = ("started_ms", "ended_ms", "duration_seconds")
    return {name: value for name, value in fields.items() if value and (name not in numeric or value.isdecimal())}


def _timestamp_ms(text: str) -> str:
    try:
        return str(round(parsedate_to_datetime(text).timestamp() * 1000))
    except ValueError:
        return ""


def _twiml(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")
