"""Errors as clients read them."""

from enum import StrEnum, auto

from marshmallow import Schema, fields, validate

from schemas.bodies.telling import told


class ErrorCode(StrEnum):
    """What kind of error it is: for programs, which must not read sentences."""

    INVALID_REQUEST = auto()
    UNAUTHORIZED = auto()
    FORBIDDEN = auto()
    NOT_FOUND = auto()
    METHOD_NOT_ALLOWED = auto()
    TIMEOUT = auto()
    CONFLICT = auto()
    PRECONDITION_FAILED = auto()
    TOO_LARGE = auto()
    UNSUPPORTED_MEDIA = auto()
    IDEMPOTENCY_KEY_REUSED = auto()
    RATE_LIMITED = auto()
    DAILY_LIMIT = auto()
    HEADERS_TOO_LARGE = auto()
    TWILIO_NOT_CONFIGURED = auto()
    INTERNAL = auto()
    UNAVAILABLE = auto()


class Problem(Schema):
    """An error."""

    detail = fields.String(required=True, metadata=told("One sentence, for people", "Requests come too often."))
    code = fields.String(
        required=True,
        validate=validate.OneOf([str(code) for code in ErrorCode]),
        metadata=told("What kind of error it is, for programs", "rate_limited"),
    )


class InvalidRequestProblem(Problem):
    """What is wrong with the request."""

    errors = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata=told(
            "Each faulty field, with dots into objects and lists -> what is wrong with it",
            {"delay_seconds": ["Must be a whole number from 0 to 3600."]},
        ),
    )
