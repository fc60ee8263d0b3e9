"""A form that Twilio posts, if it was Twilio."""

import re
from dataclasses import dataclass, replace
from typing import Final

import structlog
from aiohttp import web
from yarl import query_to_pairs

from app.context import EVENTS, REQUEST_ID, SETTINGS
from app.errors import Forbidden, UnsupportedCoding
from app.http.body.codings import codings_of
from app.http.body.reading import read_body
from app.security.signature import HEADER, SETTINGS_HEADER
from app.telemetry import log_context
from app.telemetry.metrics import METRICS
from schemas.messages import task_of
from schemas.records import CallRecord

log = structlog.get_logger("app.endpoints.signed_post")

#: Of one webhook. Twilio sends some thirty fields; to read half a million, as 1 MiB can hold, takes half a second.
_MOST_FIELDS: Final = 500
_MOST_CHARACTERS: Final = 128 * 1024
#: What the fields that are kept look like; others are as good as missing.
_SID: Final = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)
_ATTEMPT: Final = re.compile(r"[1-9]\d{0,3}", re.ASCII)
#: What a call's id may look like; others go into no header and no log.
_CALL_ID: Final = re.compile(r"[\w-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Post:
    """A form that Twilio signed."""

    call_id: str
    attempt: str  #: number of the call's attempt that it is about
    body: str
    fields: dict[str, str]

    @property
    def sid(self) -> str:
        """The call's SID; '' if it is none."""
        return self.matching("CallSid", _SID)

    def is_about(self, call: CallRecord) -> bool:
        """Whether it is this call's newest attempt that it tells of."""
        if self.attempt != str(call.attempt_number):
            return False
        if call.sid:
            return self.sid == call.sid
        return (self.fields.get("To"), self.fields.get("From")) == (call.to, call.from_number)

    def matching(self, name: str, form: re.Pattern[str]) -> str:
        """A field, if it looks as it should; else ''."""
        value = self.fields.get(name, "")
        return value if form.fullmatch(value) else ""


async def signed_post(request: web.Request) -> Post:
    """The form of a request that Twilio signed for a call; raises Forbidden for every other."""
    settings = request.app[SETTINGS]
    if codings_of(request):  # of Twilio's none has one, and to unfold it would come before knowing whose it is
        raise UnsupportedCoding("The body must have no Content-Encoding.", accepted="identity")
    body = await _body_of(request)
    signature = request.headers.get(HEADER, "")
    fields = _fields_of(request, body) if signature else []
    names = request.headers.get(SETTINGS_HEADER, "")
    # A target that is a whole URL could continue the host's name, and be signed as another URL.
    ours = bool(settings.public_base_url) and request.raw_path.startswith("/")
    # Which capitals a host has makes no difference, but to a signature.
    urls = {base_url + request.raw_path for base_url in (settings.public_base_url, settings.written_base_url)}
    secrets = settings.webhook_secrets
    if not ours or not signature or not any(secrets.signed(signature, names, url, fields) for url in urls):
        raise refused(request, "Its signature is missing or wrong")
    attempt = request.query.get("attempt", "1")
    post = Post(request.query.get("call", ""), attempt if _ATTEMPT.fullmatch(attempt) else "0", body, dict(fields))
    if not post.sid:
        raise refused(request, "It names no call")
    if not post.call_id:
        post = replace(post, call_id=await request.app[EVENTS].call_with_sid(post.sid))
    if _CALL_ID.fullmatch(post.call_id):
        request[REQUEST_ID] = task_of(post.call_id)
        log_context.add(request_id=request[REQUEST_ID], call_id=post.call_id)
    return post


async def _body_of(request: web.Request) -> str:
    try:
        return (await read_body(request)).decode("utf-8", "replace")
    except web.HTTPRequestEntityTooLarge as error:
        raise refused(request, "It is larger than what Twilio sends") from error


def _fields_of(request: web.Request, body: str) -> list[tuple[str, str]]:
    """The fields of a form; raises Forbidden for one so large that to read it would hold up everybody."""
    if len(body) > _MOST_CHARACTERS:
        raise refused(request, "It is larger than what Twilio sends")
    try:
        return query_to_pairs(body, max_fields=_MOST_FIELDS)
    except ValueError as error:
        raise refused(request, "It has more fields than what Twilio sends") from error


def refused(request: web.Request, reason: str) -> Forbidden:
    """Logs why a post is refused; its sender is not told."""
    log.warning("webhook_not_signed", path=request.path, reason=reason)
    request.app[METRICS].webhooks_refused.inc()
    return Forbidden()
