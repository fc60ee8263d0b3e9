"""Addresses of Redis, with certificates checked unless the operator says otherwise."""

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

#: `redis+socket` is Celery's word for `unix`.
SCHEMES: Final = ("redis", "rediss", "redis+socket", "unix")
_SOCKETS: Final = SCHEMES[2:]
DEFAULT: Final = "redis://localhost:6379/0"

_REQUIREMENT: Final = "ssl_cert_reqs"
_LOGIN: Final = re.compile(r"(?<=://).*@")
REQUIREMENTS: Final = ("required", "optional", "none")
#: Options that name a database: redis-py's, and kombu's.
_DATABASES: Final = ("db", "virtual_host")
_DATABASE: Final = re.compile(r"/?(\d{1,5})?", re.ASCII)


def has_database(url: str) -> bool:
    """Whether the database that a URL names, if it names one, is a number; the path of a socket names none."""
    parts = urlsplit(url)
    named = [value for name, value in parse_qsl(parts.query, keep_blank_values=True) if name in _DATABASES]
    if parts.scheme not in _SOCKETS:
        named.append(parts.path)
    return all(_DATABASE.fullmatch(name) for name in named)


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


def without_password(url: str) -> str:
    """The URL, or those of sentinels, as it may be shown: without who logs in, and without options."""
    parts = url.split(";") if url.startswith("sentinel://") else [url]
    return ";".join(_LOGIN.sub("", part).partition("?")[0] for part in parts)
