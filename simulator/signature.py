"""The signature Twilio puts on its webhooks, written from its documentation.

https://www.twilio.com/docs/usage/security: HMAC-SHA1 with the Auth Token over the URL and, for a
form, every name followed by its value, sorted by name; base64.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

Fields = Iterable[tuple[str, str]]


def signed_url(url: str) -> str:
    """The URL as it enters the signature: no fragment, no user and password; the port is dropped
    over HTTPS and kept over HTTP; an empty path is `/`, as on the wire."""
    parts = urlsplit(url)
    host_and_port = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and parts.port is not None:
        host_and_port = host_and_port[: host_and_port.rindex(":")]
    return parts._replace(netloc=host_and_port, path=parts.path or "/", fragment="").geturl()


def signature(auth_token: str, url: str, fields: Fields = ()) -> str:
    """The X-Twilio-Signature of a request; repeated values count once, in order (as Twilio's own
    helper libraries have it)."""
    text = signed_url(url) + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode(), text.encode(), "sha1").digest()
    return base64.b64encode(digest).decode()
