"""
An answer: how it is read off the line, and what one other than 2xx means, by its HTTP status and by Twilio's code in
its body, if that is Twilio's own.
"""

import json
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any, Final

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

#: No request takes a connection that was idle for longer: what stands between forgets such ones without a word to
#: either end (home routers and firewalls after a minute or some, clouds after four to six), and a request on it is
#: lost, which leaves its call in doubt for good.
#: Source: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
MOST_IDLE_SECONDS: Final = 30.0
#: Keep-Alive: timeout=5, max=100, as web servers send it (RFC 2068, 19.7.1), and what is left for the request's way.
_KEPT_SECONDS: Final = re.compile(r"timeout *= *(\d{1,9})", re.ASCII | re.IGNORECASE)
_WAY_SECONDS: Final = 1.0

#: Of a socket that has no bound of its own; ours have one.
_MOST_SECONDS: Final = 600.0


class Answer(HTTPResponse):
    """
    One answer, all of which comes within the time that its socket gives one piece of it.

    Interim answers (1xx) before it are passed over (RFC 9110, 15.2). Taken for it, they would leave it on the line, as
    the answer to the next call's request.
    """

    def __init__(self, sock: socket, debuglevel: int = 0, method: str | None = None, url: str | None = None) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp = BufferedReader(_Bounded(sock, self.fp.detach()))

    def begin(self) -> None:
        """Reads the head."""
        super().begin()
        while self.status < HTTPStatus.OK:
            vars(self)["headers"] = None  # or the next one would count as read
            super().begin()


class _Bounded(RawIOBase):
    """What comes over a socket in pieces, none of them later than the socket's time-out from now."""

    def __init__(self, sock: socket, pieces: RawIOBase) -> None:
        self._sock, self._pieces = sock, pieces
        self._piece_seconds = sock.gettimeout() or _MOST_SECONDS
        self._deadline = time.monotonic() + self._piece_seconds

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Waits for the next piece."""
        left_seconds = self._deadline - time.monotonic()
        if left_seconds <= 0:
            raise TimeoutError("the answer did not end in time")
        self._sock.settimeout(left_seconds)
        try:
            return self._pieces.readinto(buffer)
        finally:
            self._sock.settimeout(self._piece_seconds)

    def close(self) -> None:
        """Lets go of the socket."""
        self._pieces.close()
        super().close()


def idle_seconds(keep_alive: str) -> float:
    """How long a connection may be idle whose far end told so much of it: it is not to be closed under a request."""
    told = _KEPT_SECONDS.search(keep_alive)
    return min(MOST_IDLE_SECONDS, float(told[1]) - _WAY_SECONDS) if told else MOST_IDLE_SECONDS


def fault(http_status: int, body: str | None, retry_after: str = "", date: str = "") -> TwilioFault:
    """
    The one thing that an answer means; `body` is None if it broke off, `date` its own moment.

    408, 499, 5xx and an answer that broke off say nothing of the request. A 3xx or another 4xx refuses it.
    """
    if http_status in _NOT_PROCESSED:
        reason = f"Twilio takes no more requests for now ({http_status})"
        return NotProcessed(reason, _seconds(retry_after, date), by_twilio=_error(body or "")[0] is not None)
    if http_status in _IN_DOUBT or not _REDIRECTION <= http_status < _SERVER_ERROR:
        return OutcomeInDoubt(f"Twilio answered {http_status}")
    if body is None:
        return OutcomeInDoubt(f"Twilio's answer {http_status} broke off")
    code, reason = _error(body)
    if code is None:
        return NotTaken(None, http_status, f"Not Twilio but something on the way to it answered {http_status}")
    if code in LATER:
        return NotProcessed(f"{reason} (error {code})", _seconds(retry_after, date), by_twilio=True)
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


def moment(text: str) -> datetime | None:
    """A moment as HTTP writes it; None if it is none."""
    try:
        told = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _seconds(retry_after: str, date: str) -> float | None:
    """
    A Retry-After of RFC 9110, 10.2.3, seconds or a moment, within a bound; None if there is none.

    A moment is one of the clock of whoever answered, which may be another than that of this host.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MOST_RETRY_AFTER_SECONDS)
    until = moment(text)
    if until is None:
        return None
    return min(max((until - (moment(date) or datetime.now(UTC))).total_seconds(), 0.0), MOST_RETRY_AFTER_SECONDS)
