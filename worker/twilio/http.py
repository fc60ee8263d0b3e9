"""The HTTP client under Twilio's SDK: one kept connection, a bound on time, and faults sorted into safe and unsafe."""

import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3 import BaseHTTPResponse, Timeout, make_headers
from urllib3.exceptions import HTTPError

from runtime import tracing
from worker.twilio import answers
from worker.twilio.departure import Departure
from worker.twilio.errors import OutcomeInDoubt
from worker.twilio.round_trips import RoundTrips
from worker.twilio.route import connect, require_standing, stand

CONNECT_SECONDS: Final = 5.0
_BODY_LIMIT_BYTES: Final = 4 * 1024 * 1024
_SUCCESS: Final = range(200, 300)


class PooledHttpClient(HttpClient):
    """
    Sends each request once, to `api_base_url` instead of https://api.twilio.com.

    Not safe for use by several threads at once (neither is the SDK: twilio-python issue 580).
    """

    def __init__(self, api_base_url: str, timeout_seconds: float, round_trips: RoundTrips) -> None:
        super().__init__(None, False, timeout_seconds)
        self._round_trips = round_trips
        self._api_base_url = api_base_url
        self._connect_seconds = min(CONNECT_SECONDS, timeout_seconds)
        self._patience = Timeout(connect=self._connect_seconds, read=timeout_seconds)
        self._pool, self._start_of_targets = connect(api_base_url)
        self._idle_seconds = answers.MOST_IDLE_SECONDS  #: how long the connection may be idle
        self.departure: Departure | None = None  #: of the next request, if that may not leave at any time

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """
        Sends it, at its departure if it has one; redirections are not followed.

        Raises a TwilioFault for whatever is not a 2xx: only those are the SDK's to read.
        """
        url = urlsplit(uri.replace("https://api.twilio.com", self._api_base_url, 1))
        query = "&".join(part for part in (url.query, _form(params)) if part)
        target = self._start_of_targets + url.path + (f"?{query}" if query else "")
        all_headers = make_headers(accept_encoding=True, basic_auth=":".join(auth) if auth else None)
        all_headers |= headers or {}
        departure, self.departure = self.departure, None
        try:
            with tracing.span(tracing.Kind.OUT, f"Twilio {method}") as span:
                response, text = self._send(method, target, _form(data).encode(), all_headers, departure)
                if span is not None:
                    span.set_attribute("http.response.status_code", response.status)
        except HTTPError as error:  # its text holds the URL, whose query holds numbers
            if departure is not None:
                departure.leave()  # how much of it left, and when, nobody knows
            raise OutcomeInDoubt(f"No answer from Twilio ({type(error).__name__})") from None
        if response.status in _SUCCESS:
            if text is None:
                raise OutcomeInDoubt("Twilio's answer did not end, or not in time")
            return Response(response.status, text, response.headers)
        told = (response.headers.get(name, "") for name in ("Retry-After", "Date"))
        raise answers.fault(response.status, text, *told)

    def stand(self) -> None:
        """
        Opens the connection unless it stands, so that the next request can leave at once. Raises NotProcessed.

        The first handshakes of a process are more than one: a busy machine may have held up a single one.
        """
        seconds = stand(self._pool, self._connect_seconds, self._idle_seconds)
        while seconds is not None and not self._round_trips.handshakes.note(seconds):
            seconds = stand(self._pool, self._connect_seconds)

    def _send(
        self, method: str, target: str, body: bytes, headers: dict[str, str], departure: Departure | None
    ) -> tuple[BaseHTTPResponse, str | None]:
        if departure is None:
            self.stand()
        else:
            headers["Content-Length"] = str(len(body))
            departure.wait()
            require_standing(self._pool)
        sent = time.monotonic()
        response = self._pool.urlopen(
            method,
            target,
            departure.leaving(body) if departure is not None else body or None,
            headers,
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=self._patience,
            preload_content=False,
        )
        self._round_trips.answers.note(time.monotonic() - sent)
        self._idle_seconds = answers.idle_seconds(response.headers.get("Keep-Alive", ""))
        return response, _read(response)


def _form(fields: Mapping[str, object] | None) -> str:
    return urlencode({name: value for name, value in (fields or {}).items() if value is not None}, doseq=True)


def _read(response: BaseHTTPResponse) -> str | None:
    """The body; None if it breaks off, is too long, or takes too long."""
    chunks: list[bytes] = []
    size = 0
    try:
        for chunk in response.stream(16_384):
            chunks.append(chunk)
            size += len(chunk)
            if size > _BODY_LIMIT_BYTES:
                response.close()
                return None
    except HTTPError:
        return None
    return b"".join(chunks).decode("utf-8", "replace")
