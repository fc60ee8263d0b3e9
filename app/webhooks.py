"""What Twilio posts: the events of our calls, and the request for what an answered call is told."""

import re
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from aiohttp_apispec import docs

from app import log_context
from app.body import read_body
from app.context import EVENTS, LEDGER, RELAY, REQUEST_ID, SETTINGS
from app.documentation import BODY_ANSWERS, STORE_AWAY, answered_in, answered_with
from app.errors import Forbidden
from app.events import CallEvent
from app.signature import HEADER, is_signed
from app.tracing import webhook_traced
from app.twiml import NOT_OURS, THANKS, short, spoken
from schemas.answers import Problem
from schemas.records import CallRecord
from schemas.speech import Speech
from schemas.tasks import task_of
from schemas.webhooks import INCOMING_CALL_PATH, own_url

log = structlog.get_logger("app.webhooks")

_FINAL: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_STATUSES: Final = _FINAL | {"queued", "initiated", "ringing", "in-progress"}
#: Of one webhook. Twilio sends some thirty fields; to read half a million, as 1 MiB can hold, takes half a second.
_MOST_FIELDS: Final = 500
_MOST_CHARACTERS: Final = 128 * 1024
_DIGITS: Final = re.compile(r"[0-9*#A-D]{1,32}", re.ASCII)
#: What a call's id may look like; others go into no header and no log.
_CALL_ID: Final = re.compile(r"[\w-]{1,100}", re.ASCII)

#: What the fields that are kept look like; others are as good as missing.
_SID: Final = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)
_SEQUENCE: Final = re.compile(r"\d{1,9}", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,15}", re.ASCII)
_ANSWERED_BY: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)

_PARAMETERS: Final = [
    {"in": "query", "name": "call", "description": "Our id of the call", "schema": {"type": "string"}},
    {"in": "header", "name": HEADER, "required": True, "description": "Made by Twilio", "schema": {"type": "string"}},
]
#: What is read of the many fields that Twilio sends. One that does not look as it should is as good as missing.
_FORM: Final = {
    "type": "object",
    "properties": {
        name: {"type": "string"}
        for name in (
            "CallSid",
            "CallStatus",
            "SequenceNumber",
            "Timestamp",
            "CallDuration",
            "AnsweredBy",
            "Digits",
        )
    },
}
_FORBIDDEN: Final = answered_with(Problem, "The request is not signed by Twilio", 403)


@dataclass(frozen=True, slots=True)
class Post:
    """A form that Twilio signed."""

    call_id: str
    body: str
    fields: dict[str, str]

    @property
    def sid(self) -> str:
        """The call's SID; '' if it is none."""
        return self.matching("CallSid", _SID)

    def matching(self, name: str, form: re.Pattern[str]) -> str:
        """A field, if it looks as it should; else ''."""
        value = self.fields.get(name, "")
        return value if form.fullmatch(value) else ""


@docs(
    tags=["Twilio"],
    summary="Status callbacks of Twilio",
    parameters=_PARAMETERS,
    form=_FORM,
    responses={204: {"description": "Stored"}} | BODY_ANSWERS | _FORBIDDEN | STORE_AWAY,
)
async def call_status(request: web.Request) -> web.Response:
    """Stores an event of a call; 204 only then, so that Twilio repeats what could not be stored."""
    post = await _signed_post(request)
    async with webhook_traced(request, post.call_id):
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
    parameters=_PARAMETERS,
    form=_FORM,
    responses=answered_in("text/xml", "TwiML") | BODY_ANSWERS | _FORBIDDEN | STORE_AWAY,
)
async def incoming_call(request: web.Request) -> web.Response:
    """Tells an answered call its message, and stores the digits that were pressed."""
    post = await _signed_post(request)
    async with webhook_traced(request, post.call_id):
        return await _answer_call(request, post)


async def _answer_call(request: web.Request, post: Post) -> web.Response:
    call = await request.app[LEDGER].find(post.call_id) if post.call_id else None
    if not isinstance(call, CallRecord):
        return _twiml(short(NOT_OURS))
    digits = post.fields.get("Digits", "")
    if _DIGITS.fullmatch(digits):
        event = CallEvent(sid=post.sid, fields={"digits": digits})
        await request.app[EVENTS].record(call.id, event)
        return _twiml(short(THANKS))
    action_url = own_url(request.app[SETTINGS].public_base_url, INCOMING_CALL_PATH, call.id)
    return _twiml(spoken(Speech.of(call.metadata), action_url))


async def _signed_post(request: web.Request) -> Post:
    """The form of a request that Twilio signed; raises Forbidden for every other."""
    settings = request.app[SETTINGS]
    body = (await read_body(request)).decode("utf-8", "replace")
    signature = request.headers.get(HEADER, "")
    fields = _fields_of(body) if signature else []
    url = settings.public_base_url + request.raw_path
    if not settings.public_base_url or not signature or not is_signed(signature, url, fields, settings.auth_tokens):
        log.warning("webhook_not_signed", path=request.path)
        raise Forbidden
    post = Post(request.query.get("call", ""), body, dict(fields))
    if not post.call_id:
        post = replace(post, call_id=await request.app[EVENTS].call_with_sid(post.sid))
    if _CALL_ID.fullmatch(post.call_id):
        request[REQUEST_ID] = task_of(post.call_id)
        log_context.add(request_id=request[REQUEST_ID], call_id=post.call_id)
    return post


def _fields_of(body: str) -> list[tuple[str, str]]:
    """The fields of a form; raises Forbidden for one so large that to read it would hold up everybody."""
    if len(body) > _MOST_CHARACTERS:
        raise Forbidden
    try:
        return parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Forbidden from error


def _event_of(post: Post) -> CallEvent | None:
    """What an event says of its call; None if it says nothing."""
    status = post.fields.get("CallStatus", "")
    sequence = post.matching("SequenceNumber", _SEQUENCE)
    fields = {"answered_by": post.matching("AnsweredBy", _ANSWERED_BY)}
    if status not in _STATUSES or not sequence:
        return CallEvent(sid=post.sid, fields=fields) if fields["answered_by"] else None
    at_ms = _timestamp_ms(post.fields.get("Timestamp", ""))
    fields |= {"call_status": status}
    if status == "initiated":
        fields["started_ms"] = at_ms
    if status in _FINAL:
        fields |= {"ended_ms": at_ms, "duration_seconds": post.matching("CallDuration", _WHOLE)}
    return CallEvent(
        sid=post.sid,
        fields={name: value for name, value in fields.items() if value},
        sequence=sequence,
        final=status in _FINAL,
        body=post.body,
    )


def _timestamp_ms(text: str) -> str:
    try:
        return str(max(0, round(parsedate_to_datetime(text).timestamp() * 1000)) or "")
    except (ValueError, OverflowError):
        return ""


def _twiml(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")
