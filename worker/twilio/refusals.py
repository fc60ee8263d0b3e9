"""
Twilio's error codes of POST /Calls, each sorted once: what it is about, and so whom it stops.

Source of each: https://www.twilio.com/docs/api/errors/<code>. Others of Twilio's dictionary come of SIP trunks, TwiML,
messages or numbers for sale, or tell how a call ended; should one come here nevertheless, it is ambiguous.
"""

from enum import StrEnum
from typing import Final


class About(StrEnum):
    """What a refusal is about."""

    NUMBER = "number"  #: this one call, which can never be placed
    CALLER_ID = "caller_id"  #: every call from this number of ours or the client's
    ACCOUNT = "account"  #: every call: the account, our settings, or something on the way to Twilio
    AMBIGUOUS = "ambiguous"  #: it cannot be told from one refusal


_N, _C, _A, _X = About.NUMBER, About.CALLER_ID, About.ACCOUNT, About.AMBIGUOUS

#: Codes of requests that Twilio did not process and that it takes later: code -> meaning.
LATER: Final[dict[int, str]] = {
    10004: "call concurrency limit exceeded",
    20429: "too many concurrent requests; never processed",
}

#: Code -> (what it is about, meaning).
REFUSALS: Final[dict[int, tuple[About, str]]] = {
    10001: (_A, "account is not active: no funds, or suspended"),
    10002: (_X, "trial account does not support this feature, which may be this call's or every call's"),
    10005: (_A, "voice calling is disabled for this account"),
    20001: (_X, "unknown or wrong parameters, without saying which"),
    20003: (_A, "permission denied: wrong account SID or auth token"),
    20004: (_A, "method not allowed: the base URL does not lead to Twilio's calls"),
    20005: (_A, "account is not active"),
    20006: (_A, "access denied"),
    20008: (_A, "test credentials used on a live resource"),
    20010: (_A, "action is disabled for this account"),
    20011: (_A, "TLS version is not accepted"),
    20012: (_A, "TLS cipher suite is not accepted"),
    20151: (_A, "authentication failed"),
    20403: (_A, "forbidden: account is suspended"),
    20404: (_A, "not found: wrong account SID or base URL, since a POST of a call names nothing else"),
    20422: (_X, "invalid parameter, without saying which"),
    20426: (_A, "upgrade required"),
    21200: (_X, "an error of the Calls resource"),
    21201: (_N, "no To number"),
    21202: (_N, "To is a premium number"),
    21203: (_X, "international calling is not enabled: for this destination, or at all"),
    21205: (_A, "webhook URL is not valid"),
    21206: (_N, "SendDigits is not valid"),
    21208: (_N, "Timeout is not valid"),
    21209: (_A, "Method is not valid, and none is the client's"),
    21210: (_C, "From is not verified for this account"),
    21211: (_N, "To is not valid"),
    21212: (_C, "From is not valid, or must not be called from"),
    21213: (_C, "no From number"),
    21214: (_N, "To cannot be reached"),
    21215: (_N, "geographic permissions do not allow this destination"),
    21216: (_X, "blocked by Twilio: this destination, or all of +1 without a primary customer profile"),
    21217: (_N, "To does not appear to be valid"),
    21218: (_A, "ApplicationSid is not valid, and none is the client's"),
    21219: (_N, "trial account: To is not verified"),
    21234: (_N, "a value of machine detection is not valid"),
    21262: (_N, "machine detection has no URL for its verdict"),
    21263: (_N, "parameters of machine detection are not valid"),
    21609: (_A, "StatusCallback URL is not valid"),
    21626: (_A, "StatusCallbackEvent is not valid, and none is the client's"),
    32018: (_N, "inline TwiML is too long"),
    573002: (_N, "trial account: From is not the trial number of this recipient"),
    573005: (_N, "trial account: To has not completed its verification"),
}

#: Codes about one parameter of the request: about that call alone if the client gave the parameter.
PARAMETERS: Final[dict[int, str]] = {21205: "url", 21609: "status_callback"}

_UNAUTHORISED: Final = 401


def about(code: int | None, http_status: int, of_client: frozenset[str] = frozenset()) -> About:
    """
    What a refusal is about: a code of Twilio's (None: the answer is not Twilio's own) and its HTTP status.

    `of_client` names the parameters that the client gave, as Twilio's SDK spells them.
    """
    if code is None:
        return About.ACCOUNT
    if PARAMETERS.get(code) in of_client:
        return About.NUMBER
    if code in REFUSALS:
        return REFUSALS[code][0]
    return About.ACCOUNT if http_status == _UNAUTHORISED else About.AMBIGUOUS
