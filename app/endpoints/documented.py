"""
How a handler says what it does, for people: what its decorator `docs` takes.

    @docs(
        tags=["Calls"],  # of app/documentation/about.py
        summary="Queue a single call",
        description="What it does, and the rules that no schema can say.",
        parameters=[IDEMPOTENCY_HEADER],
        request_examples={"a reminder": {"to_number": CALLEE}},
        responses=answered_with(CallQueued, "It is recorded") | refused_with(NotFound, "There is none", "no such one"),
    )

Of a request or an answer without examples one is made of those of its schema's fields, which `told` of
schemas/bodies/telling.py gives them. The page fills in the first example of a request, and it must work as it stands:
times are `ahead()` and `day_ahead()`, and numbers those of schemas/bodies/telling.py. A parameter that need not be
there has no example, or it would be sent: its description says, in backticks, what one looks like.
"""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema

from app.endpoints.examples.answers import Answers, answered_in, answered_with, refused_with, together
from app.errors import (
    Conflict,
    DayLimitReached,
    Forbidden,
    Internal,
    InvalidRequest,
    KeyReused,
    LedgerAway,
    NotFound,
    TooLarge,
    TooManyRequests,
    TooSlow,
    TwilioNotConfigured,
    Unauthorized,
    UnsupportedCoding,
    UnsupportedMedia,
)
from app.http.idempotency import BEGINS, LIMIT_CHARACTERS
from schemas.bodies.telling import TASK_ID as TASK_ID_EXAMPLE
from schemas.e164 import E164_SENTENCE

__all__ = [
    "BODY_ANSWERS",
    "ERROR_ANSWERS",
    "FIELD_ANSWERS",
    "IDEMPOTENCY_HEADER",
    "KEY_ANSWERS",
    "NOT_HTTP",
    "NO_TASK",
    "NUMBER_ANSWERS",
    "STORE_AWAY",
    "TASK_ANSWERS",
    "TASK_ID",
    "TASK_OVER",
    "accepted_with",
    "answered_in",
    "answered_with",
    "refused_with",
    "together",
]

#: Its example is new for each operation whenever the document is served.
IDEMPOTENCY_HEADER: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Any text of yours that is new for each request, such as `order-4711`: the same key with the same"
    " request gives the first answer again, marked `Idempotent-Replayed: true`, and with another request 422. Kept"
    " until the task has ended, and for 24 h at least",
    "schema": {"type": "string", "minLength": 1, "maxLength": LIMIT_CHARACTERS, "pattern": BEGINS},
}

TASK_ID: Final = {
    "in": "path",
    "name": "task_id",
    "required": True,
    "description": "Id from the answer that accepted the task; `<task_id>-<n>` is the nth call of a campaign",
    "schema": {"type": "string"},
    "example": TASK_ID_EXAMPLE,
}


#: What one may do with a task that was just accepted.
TASK_LINKS: Final = {
    name: {"operationId": name, "parameters": {"task_id": "$response.body#/task_id"}}
    for name in ("task_status", "cancel_task", "delete_task")
}


def accepted_with(schema: type[Schema], description: str, examples: Mapping[str, Any] | None = None) -> Answers:
    """The answer that accepted a task."""
    replayed = {
        "description": "An earlier answer, given again",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    }
    answer = answered_with(schema, description, headers={"Idempotent-Replayed": replayed}, examples=examples)
    answer[200]["links"] = TASK_LINKS
    return answer


STORE_AWAY: Final = refused_with(
    LedgerAway, "The store of calls is not reachable", "store of calls away", LedgerAway.sentence
)

#: Of an operation that refuses nothing by itself.
NOT_HTTP: Final = refused_with(
    InvalidRequest, "The request is not HTTP", "not HTTP", InvalidRequest.sentence, {"request": InvalidRequest.sentence}
)

#: Of every operation about one task.
TASK_ANSWERS: Final = STORE_AWAY | refused_with(
    Internal, "The record of the task is damaged", "damaged record", Internal.sentence
)

NO_TASK: Final = refused_with(NotFound, "There is no such task", "unknown id", f"Task {TASK_ID_EXAMPLE} not found")

#: Of what changes a task.
TASK_OVER: Final = refused_with(
    Conflict, "The task is over", "over", f"Task {TASK_ID_EXAMPLE} is over; nothing of it can be changed any more"
)

_NO_JSON: Final = refused_with(
    InvalidRequest,
    "The request is not valid",
    "not JSON",
    "The body is not valid JSON: expecting ',' delimiter, line 3 column 5.",
)

#: Of every operation that reads a body.
BODY_ANSWERS: Final = (
    _NO_JSON
    | refused_with(TooSlow, "The body did not arrive in time", "too slow", TooSlow.sentence)
    | refused_with(TooLarge, "The body is larger than 1 MiB", "too large", TooLarge.sentence)
    | refused_with(
        UnsupportedCoding,
        "The body has a content coding that is not taken",
        "unknown coding",
        UnsupportedCoding.sentence,
    )
)

#: Of every operation that reads JSON.
FIELD_ANSWERS: Final = together(
    refused_with(
        InvalidRequest, "The request is not valid", "unknown field", "Unknown field: when.", {"when": "Unknown field."}
    ),
    BODY_ANSWERS,
    refused_with(
        UnsupportedMedia, "The body is not declared as JSON", "not declared as JSON", UnsupportedMedia.sentence
    ),
)

#: Of one in whose JSON there is a number.
NUMBER_ANSWERS: Final = together(
    refused_with(
        InvalidRequest, "The request is not valid", "invalid number", E164_SENTENCE, {"to_number": E164_SENTENCE}
    ),
    FIELD_ANSWERS,
)

ERROR_ANSWERS: Final = (
    NUMBER_ANSWERS
    | refused_with(
        KeyReused, "The Idempotency-Key was used with another request", "already used key", KeyReused.sentence
    )
    | refused_with(DayLimitReached, "MAX_CALLS_PER_DAY is reached", "day is full", DayLimitReached.sentence)
    | refused_with(
        TwilioNotConfigured, "Twilio is not configured", "Twilio not configured", TwilioNotConfigured.sentence
    )
    | STORE_AWAY
)

#: Of what dials one number.
ON_A_LIST: Final = "This number is on a do-not-call list: it is not called."
UNCALLED: Final = refused_with(Forbidden, "The number is on a do-not-call list", "do not call", ON_A_LIST)

#: Of every operation that needs a key.
KEY_ANSWERS: Final = (
    refused_with(Unauthorized, "No valid API key came with the request", "no key", Unauthorized.sentence)
    | refused_with(
        Forbidden,
        "The key may not do this, or without keys the Host or the page's Origin is not allowed",
        "reading key",
        "This API key may only read.",
    )
    | refused_with(
        TooManyRequests,
        "The key is used too often, or wrong keys came from this address",
        "too often",
        "This API key is used too often.",
    )
)
