"""
Twilio's error codes of POST /Calls, each sorted once: what it means for this call and for the others.

Source: https://www.twilio.com/docs/api/errors. A code that is not listed is a refusal of this one call.
"""

from enum import StrEnum
from typing import Final


class ErrorClass(StrEnum):
    """What a refusal means for the work."""

    LATER = "later"  #: not processed: wait and try again
    NUMBER = "number"  #: this call can never be placed
    CALLER = "caller"  #: nor can any other with this caller id: its campaign is stopped
    ACCOUNT = "account"  #: nor can any other of this account: all work stops until a probe succeeds


_L, _N, _C, _A = ErrorClass.LATER, ErrorClass.NUMBER, ErrorClass.CALLER, ErrorClass.ACCOUNT

#: Code -> (class, meaning).
ERRORS: Final[dict[int, tuple[ErrorClass, str]]] = {
    10001: (_A, "account is not active"),
    10002: (_N, "trial account does not support this feature"),
    10004: (_L, "call concurrency limit exceeded"),
    20003: (_A, "permission denied: wrong account SID or auth token"),
    20005: (_A, "account is not active"),
    20008: (_A, "test credentials used on a live resource"),
    20403: (_A, "forbidden: account is suspended"),
    20404: (_N, "resource not found"),
    20429: (_L, "too many concurrent requests; never processed"),
    21201: (_N, "no To number"),
    21202: (_N, "To is a premium number"),
    21203: (_C, "international calling is not enabled"),
    21205: (_N, "webhook URL is not valid"),
    21206: (_N, "SendDigits is not valid"),
    21208: (_N, "Timeout is not valid"),
    21209: (_N, "Method is not valid"),
    21210: (_C, "From is not verified for this account"),
    21211: (_N, "To is not valid"),
    21212: (_C, "From is not valid"),
    21213: (_C, "no From number"),
    21214: (_N, "To cannot be reached"),
    21215: (_N, "geographic permissions do not allow this destination"),
    21216: (_N, "call blocked by Twilio"),
    21217: (_N, "To does not appear to be valid"),
    21218: (_C, "ApplicationSid is not valid"),
    21219: (_N, "trial account: To is not verified"),
    21609: (_N, "StatusCallback URL is not valid"),
    32018: (_N, "inline TwiML is too long"),
}

_UNAUTHORISED: Final = (401, 403)


def sort_error(code: int | None, http_status: int) -> ErrorClass:
    """The class of a refusal; one without a known code goes by its HTTP status."""
    if code in ERRORS:
        return ERRORS[code][0]
    return ErrorClass.ACCOUNT if http_status in _UNAUTHORISED else ErrorClass.NUMBER
