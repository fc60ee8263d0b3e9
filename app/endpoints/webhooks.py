"""What Twilio posts: the events of our calls, and the request for what an answered call is told."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import DO_NOT_CALL, EVENTS, LEDGER, RELAY, SETTINGS
from app.endpoints.documented import BODY_ANSWERS, STORE_AWAY, answered_in, refused_with
from app.endpoints.signed_post import Post, refused, signed_post
from app.endpoints.twiml import NOT_NOTED, NOT_OURS, OPTED_OUT, THANKS, answer_to, short
from app.errors import Forbidden, LedgerAway
from app.http.audit import audited
from app.http.tracing import webhook_traced
from app.security.signature import HEADER
from app.store.events import CallEvent
from runtime.masking import mask_number
from schemas.bodies.events import TwilioPost
from schemas.do_not_call.lists import OptOut, list_of
from schemas.lua.facts import FINAL_STATUSES, STATUSES
from schemas.records import CallRecord
from schemas.webhook_urls import INCOMING_CALL_PATH, own_url

#: What the fields that are kept look like; others are as good as missing.
_PRESSED: Final = "Digits"
_DIGITS: Final = re.compile(r"[0-9*#A-D]{1,32}", re.ASCII)
_SEQUENCE: Final = re.compile(r"\d{1,9}", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,15}", re.ASCII)
_ANSWERED_BY: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)
_RECORDING: Final = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)

_PARAMETERS: Final = [
    {
        "in": "query",
        "name": "call",
        "description": "Our id of the call, as `7f3c9a52-6f0e-4b57-9a3e-2f1c8d5e4b6a`; it stands in the URL that Twilio"
        " was given",
        "schema": {"type": "string"},
    },
    {
        "in": "query",
        "name": "attempt",
        "description": "Which attempt of it, from `1`. Default: `1`",
        "schema": {"type": "integer", "minimum": 1},
    },
    {
        "in": "header",
        "name": HEADER,
        "required": True,
        "description": "Made by Twilio from the URL, the fields and the account's token",
        "schema": {"type": "string"},
        "example": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    },
]
_FORBIDDEN: Final = refused_with(Forbidden, "The request is not signed by Twilio", "not signed", Forbidden.sentence)


@docs(
    tags=["Twilio"],
    summary="Status callbacks of Twilio",
    description="`POST /api/v1/twilio/call-status`: what Twilio tells of a call. It is stored, and passed on to the"
    " call's `status_callback_url`.",
    parameters=_PARAMETERS,
    form=TwilioPost,
    responses={204: {"description": "Stored"}} | BODY_ANSWERS | _FORBIDDEN | STORE_AWAY,
)
async def call_status(request: web.Request) -> web.Response:
    """Stores an event of a call; 204 only then, so that Twilio repeats what could not be stored."""
    post = await signed_post(request)
    async with webhook_traced(request, post.call_id):
        if post.call_id and (event := _event_of(post)) is not None:
            await _record(request, post, event)
    return web.Response(status=204)


@docs(
    tags=["Twilio"],
    summary="TwiML of an answered call",
    description="`POST /api/v1/twilio/incoming-call`: Twilio asks what an answered call is told, and brings the keys"
    " that were pressed.",
    parameters=_PARAMETERS,
    form=TwilioPost,
    responses=answered_in(
        "text/xml",
        "TwiML",
        '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Hello. It is time.</Say><Hangup /></Response>',
    )
    | BODY_ANSWERS
    | _FORBIDDEN
    | STORE_AWAY,
)
async def incoming_call(request: web.Request) -> web.Response:
    """Tells an answered call its message, and stores the keys that were pressed, before it says so."""
    post = await signed_post(request)
    async with webhook_traced(request, post.call_id):
        try:
            return await _answer_call(request, post)
        except LedgerAway:
            if _PRESSED not in post.fields:
                raise
            return _twiml(short(NOT_NOTED))


async def _answer_call(request: web.Request, post: Post) -> web.Response:
    call = await request.app[LEDGER].find(post.call_id) if post.call_id else None
    if not isinstance(call, CallRecord):
        return _twiml(short(NOT_OURS))
    if not post.is_about(call):
        raise refused(request, "It is about another call than its URL says")
    digits, answered_by = post.matching(_PRESSED, _DIGITS), post.matching("AnsweredBy", _ANSWERED_BY)
    opts_out = bool(digits) and digits == call.options.opt_out_digit
    if opts_out and call.to:
        await _opt_out(request, call)
    heard = {"digits": digits, "answered_by": answered_by}
    if any(heard.values()):
        await _record(request, post, _event(post, heard, post.body if answered_by else ""), surely=bool(digits))
    if _PRESSED in post.fields:
        return _twiml(short(OPTED_OUT if opts_out else THANKS))
    settings = request.app[SETTINGS]
    action_url = own_url(settings.public_base_url, INCOMING_CALL_PATH, call.id, call.attempt_number)
    return _twiml(answer_to(call, answered_by, settings.default_message, action_url))


async def _opt_out(request: web.Request, call: CallRecord) -> None:
    """Puts the number onto the list of whose task it is; raises LedgerAway unless it surely is there."""
    on_list = list_of(await request.app[LEDGER].owner(call.id))
    deed = request.app[DO_NOT_CALL].add(OptOut(on_list, [call.to], call_id=call.id, way="key_press"))
    await audited(request, "opt-out", deed, lambda effect: effect.verdict, call_id=call.id, number=mask_number(call.to))


async def _record(request: web.Request, post: Post, event: CallEvent, *, surely: bool = True) -> None:
    settlement = await request.app[EVENTS].record(post.call_id, event, surely=surely)
    if settlement.verdict in {"foreign", "taken"}:
        raise refused(request, "It is about another call than its URL says")
    if settlement.relayed:
        request.app[RELAY].wake()


def _event_of(post: Post) -> CallEvent | None:
    """What an event says of its call; None if it says nothing."""
    status = post.fields.get("CallStatus", "")
    sequence = post.matching("SequenceNumber", _SEQUENCE)
    fields = {"answered_by": post.matching("AnsweredBy", _ANSWERED_BY), "recording_sid": _recording_of(post)}
    if status not in STATUSES or not sequence:
        return _event(post, fields, post.body if fields["answered_by"] else "") if any(fields.values()) else None
    at_ms = _timestamp_ms(post.fields.get("Timestamp", ""))
    fields |= {"call_status": status}
    if status == "initiated":
        fields["started_ms"] = at_ms
    if status in FINAL_STATUSES:
        fields |= {"ended_ms": at_ms, "duration_seconds": post.matching("CallDuration", _WHOLE)}
    return _event(post, fields, post.body, sequence)


def _event(post: Post, fields: Mapping[str, str], body: str, sequence: str = "") -> CallEvent:
    return CallEvent(
        sid=post.sid,
        to=post.fields.get("To", ""),
        from_number=post.fields.get("From", ""),
        attempt_number=int(post.attempt),
        fields={name: value for name, value in fields.items() if value},
        sequence=sequence,
        body=body,
    )


def _recording_of(post: Post) -> str:
    """SID of the recording that a post tells of, also one that is about nothing else; '' if there is none."""
    return "" if post.fields.get("RecordingStatus") == "absent" else post.matching("RecordingSid", _RECORDING)


def _timestamp_ms(text: str) -> str:
    try:
        return str(max(0, round(parsedate_to_datetime(text).timestamp() * 1000)) or "")
    except (ValueError, OverflowError):
        return ""


def _twiml(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")
