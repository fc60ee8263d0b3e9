"""What an answer other than 2xx means, by its HTTP status and by Twilio's code in its body, if that is Twilio's own."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from runtime.masking import mask_logins
from worker.twilio.errors import NotProcessed, NotTaken, OutcomeInDoubt, TwilioFault
from worker.twilio.refusals import LATER

#: Too Early and Too Many Requests: whoever sends them has not processed the request, whatever else it says.
_NOT_PROCESSED: Final = (425, 429)
#: Request Timeout, and a proxy's note that its client has gone: the request may have passed.
_IN_DOUBT: Final = (408, 499)
_REDIRECTION: Final = 300
_SERVER_ERROR: Final = 500

#: Twilio's own codes begin here; what is below is an HTTP status or a code of somebody else's.
_LEAST_CODE: Final = 10_000
_MOST_CODE_DIGITS: Final = 9
_MOST_REASON: Final = 500
MOST_RETRY_AFTER_SECONDS: Final = 300.0


def fault(http_status: int, body: str | None, retry_after: str = "") -> TwilioFault:
    """
    The one thing that an answer means; `body` is None if it broke off.

    408, 499, 5xx and an answer that broke off say nothing of the request. A 3xx or another 4xx refuses it.
    """
    if http_status in _NOT_PROCESSED:
        reason = f"Twilio takes no more requests for now ({http_status})"
        return NotProcessed(reason, _seconds(retry_after), by_twilio=_error(body or "")[0] is not None)
    if http_status in _IN_DOUBT or not _REDIRECTION <= http_status < _SERVER_ERROR:
        return OutcomeInDoubt(f"Twilio answered {http_status}")
    if body is None:
        return OutcomeInDoubt(f"Twilio's answer {http_status} broke off")
    code, reason = _error(body)
    if code is None:
        return NotTaken(None, http_status, f"Not Twilio but something on the way to it answered {http_status}")
    if code in LATER:
        return NotProcessed(f"{reason} (error {code})", _seconds(retry_after), by_twilio=True)
    return NotTaken(code, http_status, reason)


def _error(body: str) -> tuple[int | None, str]:
    """
    Code and sentence of an error of Twilio's, in its own form or in that of RFC 9457 (title, detail).

    The code is None for whatever is not such a body.
    """
    try:
        error = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    if not isinstance(error, dict):
        return None, ""
    sentences = [error[name] for name in ("message", "detail", "title") if isinstance(error.get(name), str)]
    code = error.get("code")
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) <= _MOST_CODE_DIGITS:
        code = int(code)
    if not sentences or isinstance(code, bool) or not isinstance(code, int) or code < _LEAST_CODE:
        return None, ""
    # It may repeat the URL that a client gave, whose password is Twilio's to know and nobody else's.
    return code, mask_logins(" ".join(sentences[0].split()))[:_MOST_REASON]


def _seconds(retry_after: str) -> float | None:
    """A Retry-After of RFC 9110, 10.2.3, seconds or a date, within a bound; None if there is none."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MOST_RETRY_AFTER_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), MOST_RETRY_AFTER_SECONDS)
