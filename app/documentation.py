"""Pieces of the API's documentation that several handlers share."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema

from schemas.answers import InvalidRequestProblem, Problem

TITLE: Final = "Celery Twilio API"
VERSION: Final = "1.0.0"
#: What any address may answer, before the request has reached an operation.
ANYWHERE: Final = {
    400: "it is not HTTP",
    401: "it has no valid key",
    404: "there is nothing at the address",
    405: "the address does not take the method",
    408: "it does not arrive in time",
    417: "it expects what HTTP does not know",
    429: "its key is used too often, or wrong keys came from its address",
    431: "its address or a header is too long",
    503: "there are too many connections",
}
DESCRIPTION: Final = (
    "Queue outbound phone calls: placed through Twilio, at the allowed pace, each exactly once.\n\n"
    "Besides what each operation answers, any request may get, with the same `detail`: "
    + ", ".join(f"{status} if {reason}" for status, reason in ANYWHERE.items())
    + "."
)

DOCS_PATH: Final = "/api/docs"
DOCUMENT_PATH: Final = f"{DOCS_PATH}/openapi.json"
START_PATH: Final = f"{DOCS_PATH}/start.js"
FILES_PATH: Final = f"{DOCS_PATH}/static"
FILE_ROUTE: Final = f"{FILES_PATH}/{{name}}"

IDEMPOTENCY_HEADER: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same request gives the first answer again, marked Idempotent-Replayed: true",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}

TASK_ID: Final = {
    "in": "path",
    "name": "task_id",
    "required": True,
    "description": "Id from the answer that accepted the task",
    "schema": {"type": "string"},
}


def answered_with(
    schema: type[Schema], description: str, status: int = 200, *, headers: Mapping[str, Any] | None = None
) -> dict[int, Any]:
    """One answer of an operation."""
    return {status: {"schema": schema, "description": description, "headers": headers or {}}}


def answered_in(media_type: str, description: str) -> dict[int, Any]:
    """The answer of an operation that succeeds with something else than JSON."""
    return {200: {"media_type": media_type, "description": description}}


#: What one may do with a task that was just accepted.
TASK_LINKS: Final = {
    name: {"operationId": name, "parameters": {"task_id": "$response.body#/task_id"}}
    for name in ("task_status", "cancel_task", "delete_task")
}


def accepted_with(schema: type[Schema], description: str) -> dict[int, Any]:
    """The answer that accepted a task."""
    replayed = {"description": "An earlier answer, given again", "schema": {"type": "string", "enum": ["true"]}}
    answer = answered_with(schema, description, headers={"Idempotent-Replayed": replayed})
    answer[200]["links"] = TASK_LINKS
    return answer


_RETRY_AFTER: Final = {
    "Retry-After": {"description": "Seconds to wait", "required": True, "schema": {"type": "integer", "minimum": 1}}
}
_AUTHENTICATE: Final = {
    "WWW-Authenticate": {"description": "Bearer", "required": True, "schema": {"type": "string", "enum": ["Bearer"]}}
}


BEARER: Final = "bearer"
KEY_HEADER: Final = "keyHeader"
SECURITY_SCHEMES: Final = {
    BEARER: {"type": "http", "scheme": "bearer", "description": "The secret of an API key"},
    KEY_HEADER: {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The secret of an API key"},
}

#: Either scheme, or none where the server has no keys.
SECURITY: Final[list[dict[str, list[str]]]] = [{BEARER: []}, {KEY_HEADER: []}, {}]

STORE_AWAY: Final = answered_with(
    Problem, "The store of calls is not reachable; see Retry-After", 503, headers=_RETRY_AFTER
)

#: Of every operation about one task.
TASK_ANSWERS: Final = STORE_AWAY | answered_with(Problem, "The record of the task is damaged", 500)

#: Of every operation that reads a body.
BODY_ANSWERS: Final = (
    answered_with(InvalidRequestProblem, "The request is not valid", 400)
    | answered_with(Problem, "The body did not arrive in time", 408)
    | answered_with(Problem, "The body is larger than 1 MiB", 413)
)

ERROR_ANSWERS: Final = (
    BODY_ANSWERS
    | answered_with(Problem, "The body is not declared as JSON", 415)
    | answered_with(Problem, "The Idempotency-Key was used with another request", 422)
    | answered_with(
        Problem,
        "MAX_CALLS_PER_DAY is reached, or what 429 means elsewhere; see Retry-After",
        429,
        headers=_RETRY_AFTER,
    )
    | answered_with(Problem, "Twilio is not configured", 500)
    | STORE_AWAY
)

#: Of every operation that needs a key.
KEY_ANSWERS: Final = answered_with(
    Problem, "No valid API key came with the request", 401, headers=_AUTHENTICATE
) | answered_with(
    Problem,
    "The key is used too often, or wrong keys came from this address; see Retry-After",
    429,
    headers=_RETRY_AFTER,
)
