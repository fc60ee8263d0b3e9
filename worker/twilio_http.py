"""The HTTP client under Twilio's SDK: one pooled session, a bound on time, and faults sorted into safe and unsafe."""

import time
from typing import Final

import requests
from requests import PreparedRequest, Request
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, RequestException, SSLError
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import MaxRetryError, NewConnectionError
from urllib3.exceptions import SSLError as Urllib3SSLError

import tracing
from worker.departure import Departure
from worker.errors import NotProcessed, OutcomeInDoubt

CONNECT_SECONDS: Final = 5.0
_BODY_LIMIT_BYTES: Final = 4 * 1024 * 1024
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500


class PooledHttpClient(HttpClient):
    """
    Sends each request once, to `api_base_url` instead of https://api.twilio.com.

    Not safe for use by several threads at once (neither is the SDK: twilio-python issue 580).
    """

    def __init__(self, api_base_url: str, timeout_seconds: float) -> None:
        super().__init__(None, False, timeout_seconds)
        self._api_base_url = api_base_url
        self._timeout_seconds = timeout_seconds
        self.departure: Departure | None = None  #: of the next request, if that may not leave at any time
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0))

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
        Sends it, at its departure if it has one.

        Raises NotProcessed or OutcomeInDoubt; any other status below 500 is the SDK's to read.
        """
        url = uri.replace("https://api.twilio.com", self._api_base_url, 1)
        request = Request(method, url, params=params, data=data, headers=headers, auth=auth)  # type: ignore[arg-type]
        prepared = self._session.prepare_request(request)
        try:
            with tracing.span(tracing.Kind.OUT, f"Twilio {method}") as span:
                response, text = self._send(prepared)
                if span is not None:
                    span.set_attribute("http.response.status_code", response.status_code)
        except RequestException as error:
            raise _sort(error) from None  # its text holds the URL, whose query holds numbers
        if response.status_code == _TOO_MANY_REQUESTS:
            raise NotProcessed("Twilio takes no more requests for now (429)", _retry_after(response))
        if response.status_code >= _SERVER_ERROR:
            raise OutcomeInDoubt(f"Twilio answered {response.status_code}")
        return Response(response.status_code, text, response.headers)

    def _send(self, prepared: PreparedRequest) -> tuple[requests.Response, str]:
        surroundings = self._session.merge_environment_settings(self._api_base_url, {}, True, None, None)
        departure, self.departure = self.departure, None
        if departure is not None:
            departure.wait()
        deadline = time.monotonic() + self._timeout_seconds
        patience = (min(CONNECT_SECONDS, self._timeout_seconds), self._timeout_seconds)
        response = self._session.send(prepared, timeout=patience, allow_redirects=False, **surroundings)
        if departure is not None:
            departure.note_answer()
        return response, _read(response, deadline)


def _read(response: requests.Response, deadline: float) -> str:
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(16_384):
        chunks.append(chunk)
        size += len(chunk)
        if time.monotonic() > deadline or size > _BODY_LIMIT_BYTES:
            response.close()
            raise OutcomeInDoubt("Twilio's answer did not end in time")
    return b"".join(chunks).decode("utf-8", "replace")


def _sort(error: RequestException) -> NotProcessed | OutcomeInDoubt:
    """No connection, no request. Everything later may have reached Twilio."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    never_connected = isinstance(error, ConnectTimeout | SSLError) or (
        isinstance(error, RequestsConnectionError) and isinstance(reason, NewConnectionError | Urllib3SSLError)
    )
    if never_connected:
        return NotProcessed("Twilio could not be reached")
    return OutcomeInDoubt(f"No answer from Twilio ({type(error).__name__})")


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return min(float(value), 300.0) if value.isdigit() else None
