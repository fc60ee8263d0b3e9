"""One attempt to deliver an event: exactly the URL that the client gave, signed for it, and what the answer means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode, urlsplit

import structlog
from aiohttp import ClientConnectorError, ClientError, ClientResponseError, ClientSession, InvalidURL
from yarl import URL

from app.relay.form import form_of
from app.relay.targets import ForbiddenTarget
from app.security.signature import HEADER, sign_for_receiver
from runtime.masking import mask_numbers
from schemas.scripts.relay import Delivery, Parcel
from schemas.webhook_urls import leads_to_us

log = structlog.get_logger("app.relay.delivery")

_SUCCESS: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_CLIENT_ERROR: Final = range(400, 500)
#: Of those, what says nothing about the event: Request Timeout, Too Early, Too Many Requests.
_MAY_PASS: Final = frozenset({408, 425, 429})
#: An event that was declined so often is given up.
MOST_DECLINES: Final = 3


@dataclass(frozen=True, slots=True)
class Sender:
    """Who speaks: with which secrets events are signed, and what must not be signed, because it is ours."""

    account_sid: str
    auth_token: str = field(repr=False)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)  #: name of an API key -> secret for its events
    public_base_url: str = ""

    def secret(self, client: str) -> str:
        """What signs events of this client's tasks."""
        return self.keys.get(client, self.auth_token)


async def deliver(session: ClientSession, parcel: Parcel, sender: Sender) -> Delivery:
    """Posts the event and reads the status of the answer."""
    parts, form = urlsplit(parcel.url), form_of(parcel, sender.account_sid)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "Host": parts.netloc.rpartition("@")[2],
        "User-Agent": "celery-twilio-api",
        HEADER: sign_for_receiver(parcel.url, form, sender.secret(parcel.client)),
    }
    try:
        if leads_to_us(parcel.url, sender.public_base_url):
            raise ForbiddenTarget("our own address")
        url, body = as_given(parcel.url), urlencode(form).encode()
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            return _meaning(answer.status, parcel)
    except ClientResponseError as error:  # which says that much of an answer that is malformed otherwise
        return _meaning(error.status, parcel)
    except (ClientError, OSError, TimeoutError, ValueError) as error:
        refusal = _refusal(error)
        reason = refusal or type(error).__name__
        log.info("event_not_delivered", host=mask_numbers(parts.hostname or ""), reason=reason)
        return "refused" if refusal else "failed"


def _meaning(status: int, parcel: Parcel) -> Delivery:
    if status in _REDIRECT:
        return "refused"  # to follow would be to sign for a URL that somebody else chose
    if status in _CLIENT_ERROR and status not in _MAY_PASS:
        return "declined" if parcel.declines + 1 < MOST_DECLINES else "refused"
    return "delivered" if status in _SUCCESS else "failed"


def as_given(url: str) -> URL:
    """
    The URL for aiohttp, byte for byte: raises ValueError if it cannot be.

    All that follows the host goes as the path, because yarl would drop an empty query and spell others anew.
    """
    parts = urlsplit(url)
    target = url.partition("#")[0].partition("://")[2][len(parts.netloc) :]
    path = target if target.startswith("/") else f"/{target}"
    return URL.build(scheme=parts.scheme, authority=parts.netloc, path=path, encoded=True)


def _refusal(error: Exception) -> str | None:
    """Why another attempt would be refused too; None for what may pass."""
    if isinstance(error, InvalidURL):
        return "malformed URL"
    if isinstance(error, ClientConnectorError):
        return _refusal(error.os_error)
    return str(error) if isinstance(error, ForbiddenTarget) else None
