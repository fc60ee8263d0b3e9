"""One webhook request to a customer's server: signed, timed, repeated by its overrides."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote_plus, urldefrag, urlsplit

import aiohttp
from yarl import URL

from simulator.webhooks.overrides import Overrides, read_overrides
from simulator.webhooks.signature import Signer

Fields = list[tuple[str, str]]
LONGEST_BODY_BYTES = 64 * 1024
_CONNECTION_FAILURES = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
)


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What came back: a status and the body's beginning (one byte more than allowed, if longer), or
    a `failure`: `ct` no connection, `dns` no such host, `rt` no answer in time or cut off, `tt` the
    whole took too long, `redirects` too many of them."""

    attempts: int
    http_status: int | None = None
    failure: str | None = None
    content_type: str = ""
    body: bytes = b""
    url: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the server answered with neither 4xx nor 5xx."""
        return self.http_status is not None and self.http_status < HTTPStatus.BAD_REQUEST

    @property
    def retry_class(self) -> str:
        """Under which of Twilio's retry policies this failure falls."""
        if self.http_status is not None:
            return "5xx" if self.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR else "4xx"
        return "ct" if self.failure in ("ct", "dns") else "rt"


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return quote_plus(text)


def encoded(fields: Fields) -> str:
    """The fields as a form body; most of them recur from webhook to webhook, so they are kept."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields)


async def _body_of(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(16_384):
        body += chunk
        if len(body) > LONGEST_BODY_BYTES:
            response.close()
            break
    return bytes(body[: LONGEST_BODY_BYTES + 1])


class Webhooks:
    """Sends webhooks over one pool of connections; open it inside the running loop."""

    def __init__(self) -> None:
        # Idle connections are dropped before common servers drop them (5 s), so that no callback is
        # lost on one that is just being closed.
        connector = aiohttp.TCPConnector(limit=1000, keepalive_timeout=2)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Drop every connection."""
        await self._session.close()

    async def send(
        self, url: str, method: str, fields: Fields, signer: Signer, token: str | None = None
    ) -> WebhookAnswer:
        """Request the URL; a GET carries the fields in its query. Every attempt has the same
        `I-Twilio-Idempotency-Token`, `token` if given."""
        target, fragment = urldefrag(url)
        overrides = read_overrides(fragment)
        if method == "GET" and fields:
            target += ("&" if urlsplit(target).query else "?") + encoded(fields)
        if not target.isascii():
            target = str(URL(target))
        form = fields if method == "POST" else []
        headers = {
            **signer.headers(target, form),
            "I-Twilio-Idempotency-Token": token or str(uuid.uuid4()),
        }
        data: bytes | None = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            data = encoded(form).encode()
        attempt = 0
        answer = WebhookAnswer(attempts=1, failure="tt", url=target)
        try:
            async with asyncio.timeout(overrides.total_seconds):
                while True:
                    attempt += 1
                    answer = WebhookAnswer(attempts=attempt, failure="tt", url=target)
                    answer = await self._attempt(target, method, headers, data, overrides, attempt)
                    if answer.accepted or attempt > overrides.retries:
                        return answer
                    if not overrides.repeats(answer.retry_class):
                        return answer
        except TimeoutError:
            return answer

    async def _attempt(
        self,
        target: str,
        method: str,
        headers: dict[str, str],
        data: bytes | None,
        overrides: Overrides,
        attempt: int,
    ) -> WebhookAnswer:
        timeout = aiohttp.ClientTimeout(
            total=None,
            sock_connect=overrides.connect_seconds,
            sock_read=overrides.read_seconds,
        )
        failure = "rt"
        try:
            async with self._session.request(
                method,
                URL(target, encoded=True),
                data=data,
                headers=headers,
                timeout=timeout,
            ) as response:
                return WebhookAnswer(
                    attempts=attempt,
                    http_status=response.status,
                    content_type=response.content_type,
                    body=await _body_of(response),
                    url=target,
                )
        except aiohttp.ClientConnectorDNSError:
            failure = "dns"
        except _CONNECTION_FAILURES:
            failure = "ct"
        except aiohttp.TooManyRedirects:
            failure = "redirects"
        except (aiohttp.ClientError, aiohttp.ServerTimeoutError, ValueError):
            failure = "rt"
        return WebhookAnswer(attempts=attempt, failure=failure, url=target)
