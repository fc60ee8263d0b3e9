"""The part of a record that single, scheduled and bulk calls have in common."""

from typing import Any, Final

from aiohttp import web
from marshmallow import ValidationError

from app.calls.answering import answer_faults
from app.calls.options import option_faults, option_fields
from app.calls.wording import wording_faults
from app.context import CLIENT, SETTINGS, TRACEPARENT
from app.http.body.checking import invalid_request
from app.security.dial_rules import HOST_SENTENCE
from schemas.bodies.metadata import PackedMetadata
from schemas.options.retry import retry_fields
from schemas.records import DEFAULT_PRIORITY, RANKS
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH, is_own_webhook, leads_to_us

#: Of a request without any.
NO_METADATA: Final = PackedMetadata("", DEFAULT_PRIORITY)

#: Fields whose URLs may be those of our own webhooks.
_OWN_PATHS: Final = {"webhook_url": INCOMING_CALL_PATH, "status_callback_url": CALL_STATUS_PATH}
_RANK_TEXTS: Final = {priority: str(rank) for priority, rank in RANKS.items()}


def shared_fields(request: web.Request, body: dict[str, Any]) -> dict[str, str]:
    """Who calls, what is said, who is told, and how soon; raises InvalidRequest for what cannot be."""
    settings = request.app[SETTINGS]
    if faults := settings.dial_rules.faults(body, request.get(CLIENT)):
        raise invalid_request(faults)
    metadata = body.get("call_metadata", NO_METADATA)
    urls = clients_urls(body, settings.public_base_url)
    if urls["webhook_url"] and not settings.dial_rules.webhook_hosts.allow(urls["webhook_url"]):
        raise invalid_request({"webhook_url": [HOST_SENTENCE]})
    inline = not settings.public_base_url
    if not urls["webhook_url"] and (faults := wording_faults(body, metadata.values, inline=inline)):
        raise invalid_request(faults)
    faults = option_faults(body, metadata, settings.max_call_seconds)
    faults |= answer_faults(body, metadata, has_webhook=bool(urls["webhook_url"]), inline=inline)
    if faults:
        raise invalid_request(faults)
    fields = {
        "from": body.get("from_number") or settings.default_from_number,
        "rank": _RANK_TEXTS[body.get("priority", metadata.priority)],
    }
    optional = {
        "client": request.get(CLIENT),
        "from_given": "1" if body.get("from_number") else "",
        **urls,
        # With our own webhooks we tell of what Twilio sends no event of, too.
        "tells": "1" if urls["status_callback_url"] and settings.public_base_url else None,
        "trace": request.get(TRACEPARENT),
        "metadata": metadata.text,
    }
    fields |= {name: value for name, value in optional.items() if value} | option_fields(body)
    try:
        detects = bool(body.get("machine") or metadata.values.get("machine_detection"))
        return fields | retry_fields(body, settings.policy, detects=detects)
    except ValidationError as error:
        raise invalid_request(error.messages_dict) from error


def clients_urls(body: dict[str, Any], public_base_url: str) -> dict[str, str | None]:
    """The URLs that the client gave; those of our own webhooks, as Twilio gets them anyway, count as not given."""
    urls = {name: body.get(name) for name in _OWN_PATHS}
    for name, path in _OWN_PATHS.items():
        url = urls[name]
        if url and is_own_webhook(url, public_base_url, path):
            urls[name] = None
        elif url and leads_to_us(url, public_base_url):
            raise invalid_request({name: ["Must not be a URL of this service."]})
    return urls
