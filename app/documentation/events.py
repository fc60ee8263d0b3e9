"""What is posted to a client's `status_callback_url`: no routes of ours, so described here."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.bodies.events import CallEvent, CampaignEvent
from schemas.bodies.telling import CALLEE, CALLER, TASK_ID

_ACCOUNT: Final = "ACa1b2c3d4e5f60718293a4b5c6d7e8f90"

_PARAMETERS: Final = [
    {
        "in": "header",
        "name": "X-Twilio-Signature",
        "required": True,
        "description": "HMAC-SHA1, in Base64, of your URL exactly as you gave it, followed by every field's name and"
        " value, sorted by name. The key is what EVENT_SIGNING_KEYS has for your API key's name, else TWILIO_AUTH_TOKEN"
        "",
        "schema": {"type": "string"},
        "example": "EexjWHMt3XJOEZjM8E/WWCb69So=",  # of the first example, for the URL and the key of docs/clients.md
    }
]

_ANSWERS: Final = {
    204: {"description": "You have it; any 2xx says so"},
    500: {
        "description": "Anything else but 3xx and 4xx, or no answer within 15 s: it comes again, for 24 h, at growing"
        " intervals"
    },
    400: {
        "description": "You will never take it: another 4xx than 408, 425 and 429 at the third try, a redirect at once."
        " It is counted in `result.undelivered_callbacks`"
    },
}

EVENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "event": {
        "name": "call_event",
        "tags": ["Events"],
        "summary": "Something happened to a call",
        "description": "Posted for each thing that Twilio tells of a call, in order, with Twilio's own fields and ours:"
        " whose call it is, and which event of it. Check the signature, then that `TaskId` is a task of yours; an event"
        " may come twice, with the same `SequenceNumber`. Each attempt that Twilio got has exactly one final event"
        " (`completed`, `busy`, `no-answer`, `failed`, `canceled`), the last before silence has `MoreAttempts=false`.",
        "parameters": _PARAMETERS,
        "form": CallEvent,
        "request_examples": {
            "completed": {
                "AccountSid": _ACCOUNT,
                "CallSid": "CA7f3c9a526f0e4b579a3e2f1c8d5e4b6a",
                "From": CALLER,
                "To": CALLEE,
                "CallStatus": "completed",
                "CallDuration": "42",
                "Timestamp": "Fri, 27 Nov 2026 09:00:00 +0000",
                "TaskId": TASK_ID,
                "Attempt": "1",
                "MoreAttempts": "false",
                "SequenceNumber": "3",
            },
            "refused by Twilio": {
                "AccountSid": _ACCOUNT,
                "From": CALLER,
                "To": CALLEE,
                "CallStatus": "failed",
                "ErrorCode": "21211",
                "Timestamp": "Fri, 27 Nov 2026 09:00:00 +0000",
                "TaskId": TASK_ID,
                "Attempt": "1",
                "MoreAttempts": "false",
                "SequenceNumber": "0",
            },
        },
        "responses": _ANSWERS,
    },
    "campaign-event": {
        "name": "campaign_event",
        "tags": ["Events"],
        "summary": "A campaign is over, or paused by itself",
        "description": "Posted once when a campaign is finished or cancelled, and whenever it is paused by itself, with"
        " how many of its numbers stand where. It has no `CallStatus`; its calls have events of their own.",
        "parameters": _PARAMETERS,
        "form": CampaignEvent,
        "responses": _ANSWERS,
    },
}
