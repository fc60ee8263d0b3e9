"""Answers as OpenAPI has them, each with examples that have names."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from marshmallow import Schema

from app.errors import ApiError, InvalidRequest
from schemas.bodies.problems import InvalidRequestProblem, Problem

#: Status -> what is said of the answer.
Answers: TypeAlias = dict[int, Any]


def named(examples: Mapping[str, Any]) -> dict[str, Any]:
    """Examples by a name of a few words, as OpenAPI has them."""
    return {re.sub(r"\W+", "_", name): {"summary": name, "value": value} for name, value in examples.items()}


def answered_with(
    schema: type[Schema],
    description: str,
    status: int = 200,
    *,
    headers: Mapping[str, Any] | None = None,
    examples: Mapping[str, Any] | None = None,
) -> Answers:
    """One answer of an operation; `examples` by a name of a few words."""
    answer = {"schema": schema, "description": description, "headers": headers or {}}
    return {status: answer | ({"examples": named(examples)} if examples else {})}


def answered_in(media_type: str, description: str, example: str = "") -> Answers:
    """The answer of an operation that succeeds with something else than JSON."""
    return {200: {"media_type": media_type, "description": description, "example": example}}


_HEADERS: Final = {
    "Accept-Encoding": {
        "description": "Content codings that are taken",
        "schema": {"type": "string"},
        "example": "gzip, deflate",
    },
    "Retry-After": {
        "description": "Seconds to wait before the next try",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 2,
    },
    "WWW-Authenticate": {
        "description": "How a key is sent",
        "required": True,
        "schema": {"type": "string", "enum": ["Bearer"]},
        "example": "Bearer",
    },
}


def refused_with(
    kind: type[ApiError], description: str, name: str = "", detail: str = "", errors: Mapping[str, str] | None = None
) -> Answers:
    """
    An answer of an operation that is an error. `name` is a few words for its example, `detail` what a client reads
    then, and `errors` which fields of a request are faulty, each with its sentence.
    """
    schema = InvalidRequestProblem if issubclass(kind, InvalidRequest) else Problem
    headers = {header: _HEADERS[header] for header in kind().headers if header in _HEADERS}
    problem: dict[str, Any] = {"detail": detail or f"{description}.", "code": str(kind.code)}
    if schema is InvalidRequestProblem:
        faults = errors or {"body": problem["detail"]}
        problem["errors"] = {field: [sentence] for field, sentence in faults.items()}
    name = name or re.sub(r"(?<!^)([A-Z])", r" \1", kind.__name__).lower()
    return answered_with(schema, description, kind.status, headers=headers, examples={name: problem})


def together(*several: Mapping[int, Any]) -> Answers:
    """All their answers; of those with the same status, one that tells of all."""
    joined: Answers = {}
    for answers in several:
        for status, answer in answers.items():
            joined[status] = _both(joined[status], answer) if status in joined else answer
    return joined


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    told: Sequence[str] = list(dict.fromkeys([one["description"], other["description"]]))
    return {
        **one,
        "description": "; or: ".join(told),
        "examples": {**one.get("examples", {}), **other.get("examples", {})},
    }
