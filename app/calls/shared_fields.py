"""The part of a record that single, scheduled and bulk calls have in common."""

from typing import Any, Final

from aiohttp import web
from marshmallow import ValidationError

from app.calls.answering import OF_ANSWER, answer_faults
from app.calls.options import option_faults, option_fields
from app.calls.wording import wording_faults
from app.context import CLIENT, SETTINGS, TRACEPARENT
from app.http.body.checking import invalid_request
from app.security.dial_rules import HOST_SENTENCE
from app.settings import Settings
from schemas.bodies.metadata import PackedMetadata
from schemas.options.retry import detects, retry_fields
from schemas.records import DEFAULT_PRIORITY, RANKS
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH, is_own_webhook, leads_to_us

#: Of a request without any.
NO_METADATA: Final = PackedMetadata("", DEFAULT_PRIORITY)

#: Fields whose URLs may be those of our own webhooks.
_OWN_PATHS: Final = {"webhook_url": INCOMING_CALL_PATH, "status_callback_url": CALL_STATUS_PATH}
#: Options that may be wrong though each is what it should be.
_MAY_BE_WRONG: Final = frozenset({"max_call_seconds", "priority", *OF_ANSWER})
_RANK_TEXTS: Final = {priority: str(rank) for priority, rank in RANKS.items()}


def shared_fields(request: web.Request, body: dict[str, Any]) -> dict[str, str]:
    """Who calls, what is said, who is told, and how soon; raises InvalidRequest for what cannot be."""
    settings, client = request.app[SETTINGS], request.get(CLIENT)
    if faults := settings.dial_rules.faults(body, client):
        raise invalid_request(faults)
    metadata = body.get("call_metadata", NO_METADATA)
    urls = clients_urls(body, settings.public_base_url)
    if faults := _faults(body, metadata, urls, settings):
        raise invalid_request(faults)
    from_number = body.get("from_number")
    fields = {
        "from": from_number or settings.default_from_number,
        "rank": _RANK_TEXTS[body.get("priority", metadata.priority)],
        **urls,
        **option_fields(body),
    }
    if client:
        fields["client"] = client
    if from_number:
        fields["from_given"] = "1"
    if "status_callback_url" in urls and settings.public_base_url:
        fields["tells"] = "1"  # with our own webhooks we tell of what Twilio sends no event of, too
    if trace := request.get(TRACEPARENT):
        fields["trace"] = trace
    if metadata.text:
        fields["metadata"] = metadata.text
    if "retry" not in body:
        return fields
    try:
        return fields | retry_fields(body, settings.policy, finds_machines=detects(fields, metadata.values))
    except ValidationError as error:
        raise invalid_request(error.messages_dict) from error


def _faults(body: dict[str, Any], metadata: PackedMetadata, urls: dict[str, str], settings: Settings) -> dict[str, Any]:
    """What is wrong with who tells what is said, with what is said, or else with the options: field -> sentences."""
    has_webhook, inline = "webhook_url" in urls, not settings.public_base_url
    if has_webhook and not settings.dial_rules.webhook_hosts.allow(urls["webhook_url"]):
        return {"webhook_url": [HOST_SENTENCE]}
    if not has_webhook and (faults := wording_faults(body, metadata.values, inline=inline)):
        return faults
    if _MAY_BE_WRONG.isdisjoint(body):
        return {}
    return {
        **option_faults(body, metadata, settings.max_call_seconds),
        **answer_faults(body, metadata, has_webhook=has_webhook, inline=inline),
    }


def clients_urls(body: dict[str, Any], public_base_url: str) -> dict[str, str]:
    """The URLs that the client gave; those of our own webhooks, as Twilio gets them anyway, count as not given."""
    urls = {}
    for name, path in _OWN_PATHS.items():
        url = body.get(name)
        if not url or is_own_webhook(url, public_base_url, path):
            continue
        if leads_to_us(url, public_base_url):
            raise invalid_request({name: ["Must not be a URL of this service."]})
        urls[name] = url
    return urls
