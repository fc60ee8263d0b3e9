"""
X-Twilio-Signature: the base64 of an HMAC-SHA1 over a URL and the sorted fields of a form.

Source: https://www.twilio.com/docs/usage/security. Twilio signs an https URL without its port and an http URL with it;
validators of both kinds are about, so both forms of an https URL are accepted.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

Fields = Sequence[tuple[str, str]]

HEADER = "X-Twilio-Signature"


def sign(url: str, fields: Fields, auth_token: str) -> str:
    """The signature of a form posted to a URL; a field's repeated values count once each."""
    text = url.partition("#")[0] + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def is_signed(signature: str, url: str, fields: Fields, auth_tokens: Iterable[str]) -> bool:
    """Whether one of the tokens signed this form for this URL; compared in constant time."""
    given = signature.encode("utf-8", "replace")
    return any(
        hmac.compare_digest(sign(form, fields, token).encode(), given)
        for token in auth_tokens
        for form in _url_forms(url)
    )


def _url_forms(url: str) -> list[str]:
    parts = urlsplit(url)
    if parts.scheme != "https":
        return [url]
    host = parts.netloc.rpartition("@")[2]
    bare = host.rpartition(":")[0] if parts.port is not None else host
    return [parts._replace(netloc=netloc).geturl() for netloc in (bare, f"{bare}:{parts.port or 443}")]
