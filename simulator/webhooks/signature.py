"""The signature Twilio puts on its webhooks, written from its documentation.

https://www.twilio.com/docs/usage/security: HMAC-SHA1 with the Auth Token over the URL and, for a
form, every name followed by its value, sorted by name; base64. With a shared key of the account's webhook rules,
HMAC-SHA256 with that key's secret, and a header that names both.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from simulator.settings import SharedKey

Fields = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Signer:
    """What signs the webhooks of a call: the account's token, or a shared key if there is one."""

    auth_token: str
    shared_key: SharedKey | None = None

    def headers(self, url: str, fields: Fields) -> dict[str, str]:
        """Those that let a receiver tell whose request it is."""
        key = self.shared_key
        if key is None:
            return {"X-Twilio-Signature": signature(self.auth_token, url, fields)}
        return {
            "X-Twilio-Signature": signature(key.secret, url, fields, "sha256"),
            "X-Twilio-Webhooks-Signature-Settings": f"key={key.id},algorithm=HMAC_SHA256",
        }


def signed_url(url: str) -> str:
    """The URL as it enters the signature: no fragment, no user and password; the port is dropped
    over HTTPS and kept over HTTP; an empty path is `/`, as on the wire."""
    parts = urlsplit(url)
    host_and_port = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and parts.port is not None:
        host_and_port = host_and_port[: host_and_port.rindex(":")]
    return parts._replace(netloc=host_and_port, path=parts.path or "/", fragment="").geturl()


def signature(secret: str, url: str, fields: Fields = (), algorithm: str = "sha1") -> str:
    """The X-Twilio-Signature of a request; repeated values count once, in order (as Twilio's own
    helper libraries have it)."""
    text = signed_url(url) + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(secret.encode(), text.encode(), algorithm).digest()
    return base64.b64encode(digest).decode()
