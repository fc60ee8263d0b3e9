"""Errors of the web tier. An ApiError is an answer: its status, its code and its one sentence reach the client."""

from collections.abc import Mapping, Sequence
from math import ceil
from types import MappingProxyType
from typing import Any, ClassVar, Final

from schemas.bodies.problems import ErrorCode

NO_ROOM: Final = "There is no room for further calls at the moment; please try again."  #: of LedgerAway, as the next
STOPPING: Final = "This server is stopping; please try again."


class ApiError(Exception):
    """An answer other than success. Where `sentence` does not fit, it is raised with another."""

    status: ClassVar[int]
    code: ClassVar[ErrorCode]
    sentence: ClassVar[str] = ""
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.sentence)
        self.detail = detail or self.sentence

    def body(self) -> dict[str, Any]:
        """JSON that the client gets."""
        return {"detail": self.detail, "code": self.code}


class InvalidRequest(ApiError):
    """The request is not what the endpoint takes, or no HTTP at all."""

    status = 400
    code = ErrorCode.INVALID_REQUEST
    sentence = "The request is not valid HTTP."

    def __init__(self, detail: str = "", errors: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or {"request": [self.detail]}

    def body(self) -> dict[str, Any]:
        """JSON that the client gets: the first fault as a sentence, and all of them by field."""
        return {**super().body(), "errors": dict(self.errors)}


class Unauthorized(ApiError):
    """No key, or none that is known."""

    status = 401
    code = ErrorCode.UNAUTHORIZED
    sentence = "A valid API key is needed, as Authorization: Bearer <secret> or X-API-Key: <secret>."
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})


class Forbidden(ApiError):
    """The request does not come from Twilio."""

    status = 403
    code = ErrorCode.FORBIDDEN
    sentence = "This request is not signed by Twilio."


class NotFound(ApiError):
    """There is no such thing, or it is too late for what was asked."""

    status = 404
    code = ErrorCode.NOT_FOUND
    sentence = "There is nothing at this address."


class MethodNotAllowed(ApiError):
    """The address takes other methods."""

    status = 405
    code = ErrorCode.METHOD_NOT_ALLOWED
    sentence = "This address does not take that method."

    def __init__(self, allow: str = "") -> None:
        super().__init__()
        self.headers = {"Allow": allow}


class TooSlow(ApiError):
    """The client took too long to send its request; the rest of it is not waited for."""

    status = 408
    code = ErrorCode.TIMEOUT
    sentence = "The request did not arrive in time."
    headers = MappingProxyType({"Connection": "close"})


class Conflict(ApiError):
    """The task is not in a state for that."""

    status = 409
    code = ErrorCode.CONFLICT
    sentence = "This conflicts with the state that it is in."


class PreconditionFailed(ApiError):
    """The task is not as the client saw it last."""

    status = 412
    code = ErrorCode.PRECONDITION_FAILED
    sentence = "This was changed since it was read."


class TooLarge(ApiError):
    """The body is larger than any that is taken."""

    status = 413
    code = ErrorCode.TOO_LARGE
    sentence = "The body is larger than 1 MiB."


class UnsupportedMedia(ApiError):
    """The body is not declared as JSON."""

    status = 415
    code = ErrorCode.UNSUPPORTED_MEDIA
    sentence = "The body must be JSON, with Content-Type: application/json."


class UnsupportedCoding(ApiError):
    """The body has a content coding that is not taken (RFC 9110, 15.5.16)."""

    status = 415
    code = ErrorCode.UNSUPPORTED_MEDIA
    sentence = "The body's Content-Encoding must be gzip, deflate or none."

    def __init__(self, detail: str = "", accepted: str = "gzip, deflate") -> None:
        super().__init__(detail)
        self.headers = {"Accept-Encoding": accepted}


class UnknownExpectation(ApiError):
    """The request expects what HTTP does not know (RFC 9110, 10.1.1)."""

    status = 417
    code = ErrorCode.INVALID_REQUEST
    sentence = "Expect may be 100-continue and nothing else."


class KeyReused(ApiError):
    """The Idempotency-Key was used before, with another body."""

    status = 422
    code = ErrorCode.IDEMPOTENCY_KEY_REUSED
    sentence = "This Idempotency-Key was used before with another request."


class TooManyRequests(ApiError):
    """The client, or someone who guesses keys, asks too often."""

    status = 429
    code = ErrorCode.RATE_LIMITED
    sentence = "Requests come too often."

    def __init__(self, detail: str = "", wait_seconds: float = 1) -> None:
        super().__init__(detail)
        self.headers = _retry_after(wait_seconds)


class DayLimitReached(ApiError):
    """The account would accept more calls in this UTC day than MAX_CALLS_PER_DAY."""

    status = 429
    code = ErrorCode.DAILY_LIMIT
    sentence = "This would be more calls than MAX_CALLS_PER_DAY allows; the next day begins at midnight UTC."

    def __init__(self, wait_seconds: float = 1) -> None:
        super().__init__()
        self.headers = _retry_after(wait_seconds)


class HeadersTooLarge(ApiError):
    """The request line, a header, or all of them together are longer than any that are read."""

    status = 431
    code = ErrorCode.HEADERS_TOO_LARGE
    sentence = "The address or the headers are too long."


class TwilioNotConfigured(ApiError):
    """The account's settings are missing."""

    status = 500
    code = ErrorCode.TWILIO_NOT_CONFIGURED
    sentence = "Failed to queue call: Twilio service not initialized"


class Internal(ApiError):
    """A surprise, of which the client is told nothing."""

    status = 500
    code = ErrorCode.INTERNAL
    sentence = "Something went wrong inside the service."


class LedgerAway(ApiError):
    """Redis did not answer in time, or replicas did not confirm what was written."""

    status = 503
    code = ErrorCode.UNAVAILABLE
    sentence = "The store of calls is not reachable at the moment; please try again."
    headers = MappingProxyType({"Retry-After": "2"})


class TooManyConnections(ApiError):
    """There is no room for another connection."""

    status = 503
    code = ErrorCode.UNAVAILABLE
    sentence = "There are too many connections."
    headers = MappingProxyType({"Retry-After": "1"})


def _retry_after(wait_seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, ceil(wait_seconds)))}
