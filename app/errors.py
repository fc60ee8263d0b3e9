"""
Errors of the web tier. An ApiError is an answer: its status and its one sentence reach the client.

ApiError
├── InvalidRequest       400, with `errors`: field path -> sentences
├── Unauthorized         401, no key that is known
├── Forbidden            403, a webhook that Twilio did not sign
├── TaskNotFound         404
├── SlowBody             408, the body did not arrive in time
├── TaskGoingOn          409, a task that is to be deleted has not ended
├── KeyConflict          422, Idempotency-Key used with another body
├── UnsupportedMedia     415
├── DayLimitReached      429, the account's calls of this day are used up
├── TooManyRequests      429, with Retry-After
├── TwilioNotConfigured  500
└── LedgerAway           503, Redis did not answer in time
"""

from collections.abc import Mapping, Sequence
from math import ceil
from types import MappingProxyType
from typing import ClassVar


class ApiError(Exception):
    """An answer other than success."""

    status: ClassVar[int] = 500
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def body(self) -> dict[str, object]:
        """JSON that the client gets."""
        return {"detail": self.detail}


class InvalidRequest(ApiError):
    """The request's body is not what the endpoint takes."""

    status = 400

    def __init__(self, detail: str, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(detail)
        self.errors = errors

    def body(self) -> dict[str, object]:
        """JSON that the client gets: the first fault as a sentence, and all of them by field."""
        return {"detail": self.detail, "errors": dict(self.errors)}


class Unauthorized(ApiError):
    """No key, or none that is known."""

    status = 401
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})

    def __init__(self) -> None:
        super().__init__("A valid API key is needed, as Authorization: Bearer <secret> or X-API-Key: <secret>.")


class Forbidden(ApiError):
    """The request does not come from Twilio."""

    status = 403

    def __init__(self) -> None:
        super().__init__("This request is not signed by Twilio.")


class TaskNotFound(ApiError):
    """There is no such task, or it is too late for what was asked."""

    status = 404


class SlowBody(ApiError):
    """The client took too long to send its body; the rest of it is not waited for."""

    status = 408
    headers = MappingProxyType({"Connection": "close"})

    def __init__(self) -> None:
        super().__init__("The body did not arrive in time.")


class TaskGoingOn(ApiError):
    """The task has not ended, so its record is still needed."""

    status = 409


class UnsupportedMedia(ApiError):
    """The body is not declared as JSON."""

    status = 415

    def __init__(self) -> None:
        super().__init__("The body must be JSON, with Content-Type: application/json.")


class KeyConflict(ApiError):
    """The Idempotency-Key was used before, with another body."""

    status = 422

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used before with another request.")


class DayLimitReached(ApiError):
    """The account would accept more calls in this UTC day than MAX_CALLS_PER_DAY."""

    status = 429

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("This would be more calls than MAX_CALLS_PER_DAY allows; the next day begins at midnight UTC.")
        self.headers = {"Retry-After": str(retry_after_seconds)}


class TooManyRequests(ApiError):
    """The client, or someone who guesses keys, asks too often."""

    status = 429

    def __init__(self, detail: str, wait_seconds: float) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(max(1, ceil(wait_seconds)))}


class TwilioNotConfigured(ApiError):
    """The account's settings are missing."""

    status = 500

    def __init__(self) -> None:
        super().__init__("Failed to queue call: Twilio service not initialized")


class LedgerAway(ApiError):
    """Redis did not answer in time; nothing was written."""

    status = 503
    headers = MappingProxyType({"Retry-After": "2"})

    def __init__(self) -> None:
        super().__init__("The store of calls is not reachable at the moment; please try again.")
