"""What the documentation says of the API as a whole."""

from collections.abc import Mapping
from typing import Any, Final

from app.errors import (
    ApiError,
    Forbidden,
    HeadersTooLarge,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    TooManyConnections,
    TooManyRequests,
    TooSlow,
    Unauthorized,
    UnknownExpectation,
)

TITLE: Final = "Celery Twilio API"
#: What any address may answer, before the request has reached an operation.
ANYWHERE: Final[Mapping[type[ApiError], str]] = {
    InvalidRequest: "it is not HTTP or carries several keys",
    Unauthorized: "it has no valid key",
    Forbidden: "its key may not do that, or without keys its Host or Origin is not allowed",
    NotFound: "there is nothing at the address",
    MethodNotAllowed: "the address does not take the method",
    TooSlow: "it does not arrive in time",
    UnknownExpectation: "it expects what HTTP does not know",
    TooManyRequests: "its key is used too often, or wrong keys came from its address",
    HeadersTooLarge: "its address or its headers are too long",
    TooManyConnections: "there are too many connections",
}
DESCRIPTION: Final = (
    "Queue outbound phone calls: placed through Twilio, at the allowed pace, each exactly once.\n\n"
    "Bodies are JSON, times are UTC and end in `Z`, numbers are E.164. A 200 to a call or a campaign means that it is"
    " on record and will not be lost. Send an `Idempotency-Key` with each of them, and repeat the request with the same"
    " key if no answer came: it cannot dial twice.\n\n"
    "Besides what each operation answers, any request may get, with the same `detail` and `code`: "
    + ", ".join(f"{kind.status} if {reason}" for kind, reason in ANYWHERE.items())
    + "."
)

#: Every tag of an operation -> what the operations under it are for.
TAGS: Final[Mapping[str, str]] = {
    "Calls": "Ask for calls: one now, one at a time, or many.",
    "Tasks": "Follow, cancel and remove what was asked for.",
    "Numbers": "What holds for a number, whatever task calls it.",
    "Health": "Whether it works; probes and metrics.",
    "Events": "What is posted to your `status_callback_url`.",
    "Twilio": "What Twilio posts to this service. Only posts that Twilio signed are taken; clients have no use for it.",
}

BEARER: Final = "bearer"
KEY_HEADER: Final = "keyHeader"
SECURITY_SCHEMES: Final = {
    BEARER: {"type": "http", "scheme": "bearer", "description": "The secret of an API key"},
    KEY_HEADER: {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The secret of an API key"},
}

#: Either scheme, or none where the server has no keys.
SECURITY: Final[list[dict[str, list[str]]]] = [{BEARER: []}, {KEY_HEADER: []}, {}]

#: From the document's address to the top of the service, below whatever prefix a proxy publishes it.
SERVERS: Final[list[dict[str, Any]]] = [{"url": "../..", "description": "The service that serves this document"}]
