"""A call as the REST API shows it."""

from __future__ import annotations

import time

from simulator.calls.call import COMPLETED, Call
from simulator.calls.clock import Clock
from simulator.calls.moment import rfc2822
from simulator.form.phone_number import formatted

API_ROOT = "/2010-04-01/Accounts"
PRICE_PER_MINUTE = 0.014
# A price is "populated after the call is completed. May not be immediately available".
PRICE_AFTER_SECONDS = 10.0
SUBRESOURCES = (
    "events",
    "notifications",
    "payments",
    "recordings",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_message_subscriptions",
    "user_defined_messages",
)


def call_uri(call: Call) -> str:
    """The call's address without the `.json`."""
    return f"{API_ROOT}/{call.account_sid}/Calls/{call.sid}"


def _moment(epoch_seconds: float | None) -> str | None:
    return None if epoch_seconds is None else rfc2822(epoch_seconds)


def shown_end(call: Call) -> float | None:
    """`end_time` is "empty if the call did not complete successfully" (Twilio's call resource)."""
    return call.ended_at if call.status == COMPLETED else None


def _price(call: Call, clock: Clock) -> str | None:
    if call.status != COMPLETED or call.ended_at is None:
        return None
    if clock.own_seconds(time.time() - call.ended_at) < PRICE_AFTER_SECONDS:
        return None
    return f"{-PRICE_PER_MINUTE * max(1, call.billed_minutes):.5f}"


def call_resource(call: Call, clock: Clock) -> dict[str, object]:
    """The full field set (https://www.twilio.com/docs/voice/api/call-resource)."""
    uri = call_uri(call)
    request = call.request
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "annotation": None,
        "answered_by": call.answered_by,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": _moment(call.created_at),
        "date_updated": _moment(call.updated_at),
        "direction": "outbound-api",
        "duration": str(call.duration_seconds) if call.status == COMPLETED else None,
        "end_time": _moment(shown_end(call)),
        "forwarded_from": None,
        "from": request.from_,
        "from_formatted": formatted(request.from_),
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": _price(call, clock),
        "price_unit": "USD",
        "queue_time": str(call.queue_milliseconds),
        "start_time": _moment(call.dialled_at),
        "status": call.status,
        "to": request.to,
        "to_formatted": formatted(request.to),
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {name: f"{uri}/{name.title().replace('_', '')}.json" for name in SUBRESOURCES},
    }
