"""The HTTP client under Twilio's SDK: one kept connection, a bound on time, and faults sorted into safe and unsafe."""

import os
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, cast
from urllib.parse import unquote, urlencode, urlsplit

from requests import Session
from requests.utils import DEFAULT_CA_BUNDLE_PATH, prepend_scheme_if_needed, select_proxy
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPSConnectionPool,
    PoolManager,
    ProxyManager,
    Timeout,
    make_headers,
)
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.util import parse_url

import tracing
from worker.departure import Departure
from worker.errors import NotProcessed, OutcomeInDoubt

CONNECT_SECONDS: Final = 5.0
_BODY_LIMIT_BYTES: Final = 4 * 1024 * 1024
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500

#: No connection, no request. Everything later may have reached Twilio.
_NEVER_CONNECTED: Final = (NewConnectionError, ConnectTimeoutError)


class PooledHttpClient(HttpClient):
    """
    Sends each request once, to `api_base_url` instead of https://api.twilio.com.

    Not safe for use by several threads at once (neither is the SDK: twilio-python issue 580).
    """

    def __init__(self, api_base_url: str, timeout_seconds: float) -> None:
        super().__init__(None, False, timeout_seconds)
        self._api_base_url = api_base_url
        self._timeout_seconds = timeout_seconds
        self._patience = Timeout(connect=min(CONNECT_SECONDS, timeout_seconds), read=timeout_seconds)
        self._pool, self._start_of_targets = _connect(api_base_url)
        self.tls_stands = False
        if isinstance(self._pool, HTTPSConnectionPool):
            self._pool.ConnectionCls = cast("type[HTTPSConnection]", partial(_TlsConnection, self))
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
        Sends it, at its departure if it has one.

        Raises NotProcessed or OutcomeInDoubt; any other status below 500 is the SDK's to read.
        """
        url = urlsplit(uri.replace("https://api.twilio.com", self._api_base_url, 1))
        query = "&".join(part for part in (url.query, _form(params)) if part)
        target = self._start_of_targets + url.path + (f"?{query}" if query else "")
        all_headers = make_headers(accept_encoding=True, basic_auth=":".join(auth) if auth else None)
        all_headers |= headers or {}
        try:
            with tracing.span(tracing.Kind.OUT, f"Twilio {method}") as span:
                response, text = self._send(method, target, _form(data), all_headers)
                if span is not None:
                    span.set_attribute("http.response.status_code", response.status)
        except _NEVER_CONNECTED:
            raise NotProcessed("Twilio could not be reached") from None
        except SSLError as error:
            if self.tls_stands:
                raise OutcomeInDoubt(f"No answer from Twilio ({type(error).__name__})") from None
            raise NotProcessed("Twilio could not be reached") from None
        except HTTPError as error:  # its text holds the URL, whose query holds numbers
            raise OutcomeInDoubt(f"No answer from Twilio ({type(error).__name__})") from None
        if response.status == _TOO_MANY_REQUESTS:
            raise NotProcessed("Twilio takes no more requests for now (429)", _retry_after(response))
        if response.status >= _SERVER_ERROR:
            raise OutcomeInDoubt(f"Twilio answered {response.status}")
        return Response(response.status, text, response.headers)

    def _send(self, method: str, target: str, body: str, headers: dict[str, str]) -> tuple[BaseHTTPResponse, str]:
        departure, self.departure = self.departure, None
        if departure is not None:
            departure.wait()
        deadline = time.monotonic() + self._timeout_seconds
        response = self._pool.urlopen(
            method,
            target,
            body or None,
            headers,
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=self._patience,
            preload_content=False,
        )
        if departure is not None:
            departure.note_answer()
        return response, _read(response, deadline)


class _TlsConnection(HTTPSConnection):
    """Tells its client whether TLS stands: a fault of TLS before that lets no request out, but one after it may."""

    def __init__(self, client: PooledHttpClient, host: str, port: int | None = None, **options: Any) -> None:
        super().__init__(host, port, **options)
        self._client = client

    def connect(self) -> None:
        """Connects, through a proxy if there is one; raises SSLError if the two cannot agree."""
        self._client.tls_stands = False
        super().connect()
        self._client.tls_stands = True


def _connect(api_base_url: str) -> tuple[HTTPConnectionPool, str]:
    """
    Connections to Twilio, and what stands before the path of a request's target.

    Proxies and certificates are those of the environment, found out once: requests would look at each request again.
    """
    with Session() as session:
        surroundings = session.merge_environment_settings(api_base_url, {}, None, None, None)
    verify, proxy = surroundings["verify"], select_proxy(api_base_url, surroundings["proxies"])
    trusted = DEFAULT_CA_BUNDLE_PATH if verify is True else str(verify)
    options: dict[str, Any] = {"maxsize": 1, "ca_cert_dir" if os.path.isdir(trusted) else "ca_certs": trusted}
    if proxy is None:
        return PoolManager(**options).connection_from_url(api_base_url), ""
    proxy = prepend_scheme_if_needed(proxy, "http")
    account = parse_url(proxy).auth
    proxy_headers = make_headers(proxy_basic_auth=unquote(account) if account else None)
    manager = ProxyManager(proxy, proxy_headers=proxy_headers, **options)
    base = urlsplit(api_base_url)
    start = f"{base.scheme}://{base.netloc}" if base.scheme == "http" else ""
    return manager.connection_from_url(api_base_url), start


def _form(fields: Mapping[str, object] | None) -> str:
    return urlencode({name: value for name, value in (fields or {}).items() if value is not None}, doseq=True)


def _read(response: BaseHTTPResponse, deadline: float) -> str:
    chunks: list[bytes] = []
    size = 0
    for chunk in response.stream(16_384):
        chunks.append(chunk)
        size += len(chunk)
        if time.monotonic() > deadline or size > _BODY_LIMIT_BYTES:
            response.close()
            raise OutcomeInDoubt("Twilio's answer did not end in time")
    return b"".join(chunks).decode("utf-8", "replace")


def _retry_after(response: BaseHTTPResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return min(float(value), 300.0) if value.isdigit() else None
