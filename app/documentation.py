"""Pieces of the API's documentation that several handlers share."""

from typing import Any, Final

from marshmallow import Schema

from schemas.answers import InvalidRequestProblem, Problem

TITLE: Final = "Celery Twilio API"
VERSION: Final = "1.0.0"
DESCRIPTION: Final = "Queue outbound phone calls: placed through Twilio, at the allowed pace, each exactly once."

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


def answered_with(schema: type[Schema], description: str, status: int = 200) -> dict[int, Any]:
    """One answer of an operation."""
    return {status: {"schema": schema, "description": description}}


BEARER: Final = "bearer"
KEY_HEADER: Final = "keyHeader"
SECURITY_SCHEMES: Final = {
    BEARER: {"type": "http", "scheme": "bearer", "description": "The secret of an API key"},
    KEY_HEADER: {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The secret of an API key"},
}

#: Either scheme, or none where the server has no keys.
SECURITY: Final[list[dict[str, list[str]]]] = [{BEARER: []}, {KEY_HEADER: []}, {}]

STORE_AWAY: Final = answered_with(Problem, "The store of calls is not reachable; see Retry-After", 503)

ERROR_ANSWERS: Final = (
    answered_with(InvalidRequestProblem, "The request is not valid", 400)
    | answered_with(Problem, "The body did not arrive in time", 408)
    | answered_with(Problem, "The body is larger than 1 MiB", 413)
    | answered_with(Problem, "The body is not declared as JSON", 415)
    | answered_with(Problem, "The Idempotency-Key was used with another request", 422)
    | answered_with(Problem, "MAX_CALLS_PER_DAY is reached, or what 429 means elsewhere; see Retry-After", 429)
    | answered_with(Problem, "Twilio is not configured", 500)
    | STORE_AWAY
)

#: Of every operation that needs a key.
KEY_ANSWERS: Final = answered_with(Problem, "No valid API key came with the request", 401) | answered_with(
    Problem, "The key is used too often, or wrong keys came from this address; see Retry-After", 429
)
