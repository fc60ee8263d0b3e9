"""Addresses of Redis, with certificates checked unless the operator says otherwise."""

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

#: `redis+socket` is Celery's word for `unix`.
SCHEMES: Final = ("redis", "rediss", "redis+socket", "unix")
DEFAULT: Final = "redis://localhost:6379/0"

_REQUIREMENT: Final = "ssl_cert_reqs"
REQUIREMENTS: Final = ("required", "optional", "none")


def with_certificates(url: str) -> str:
    """
    The URL as redis-py and Celery both read it; raises ValueError if ssl_cert_reqs is none of REQUIREMENTS.

    Without ssl_cert_reqs, Celery's broker takes rediss:// for a connection in the clear (kombu.transport.redis).
    """
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        return url
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    requirement = options.get(_REQUIREMENT, "required").lower().removeprefix("cert_")
    if requirement not in REQUIREMENTS:
        raise ValueError(_REQUIREMENT)
    return parts._replace(query=urlencode(options | {_REQUIREMENT: requirement}, safe="/")).geturl()
