"""Addresses of Redis, with certificates checked unless the operator says otherwise."""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from redis.connection import ConnectionPool

#: `redis+socket` is Celery's word for `unix`.
SCHEMES: Final = ("redis", "rediss", "redis+socket", "unix")
_SOCKETS: Final = SCHEMES[2:]
_SENTINEL: Final = "sentinel"
DEFAULT: Final = "redis://localhost:6379/0"

IN_PASSWORDS: Final = "in a password / is written %2F, ? %3F, # %23 and % %25"
_REQUIREMENT: Final = "ssl_cert_reqs"
_LOGIN: Final = re.compile(r"(?<=://).*@")
REQUIREMENTS: Final = ("required", "optional", "none")
#: Options that name a database: redis-py's, and kombu's.
_DATABASES: Final = ("db", "virtual_host")
_DATABASE: Final = re.compile(r"/?(\d{1,5})?", re.ASCII)


def read(url: str) -> str:
    """
    A URL of a Redis, or those of its sentinels with semicolons between them, as all clients here take it; its database,
    if any, is a number, for redis-py takes any other for 0. Certificates are checked unless it says otherwise.

    Raises ValueError, which says what is wanted.
    """
    sentinels = url.startswith(f"{_SENTINEL}://")
    parts = url.split(";") if sentinels else [url]
    if "#" in url or not all(is_url(part, (_SENTINEL,) if sentinels else SCHEMES) for part in parts):
        wanted = " or ".join(f"{scheme}://" for scheme in SCHEMES)
        others = "sentinel://host:port;sentinel://host:port"
        raise ValueError(f"a URL that begins with {wanted}, or {others}; {IN_PASSWORDS}")
    if not all(has_database(part) for part in parts):
        raise ValueError("a URL whose database is a number (e.g., redis://localhost:6379/0)")
    return of_one_group(url) if sentinels else for_celery(with_known_options(with_certificates(url)))


def is_url(text: str, schemes: Collection[str]) -> bool:
    """Whether it leads somewhere, by one of the schemes."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc or parts.path)


def has_database(url: str) -> bool:
    """Whether the database that a URL names, if it names one, is a number; the path of a socket names none."""
    parts = urlsplit(url)
    named = [value for name, value in parse_qsl(parts.query, keep_blank_values=True) if name in _DATABASES]
    if parts.scheme not in _SOCKETS:
        named.append(parts.path)
    return all(_DATABASE.fullmatch(name) for name in named)


def for_redis_py(url: str) -> str:
    """The URL with redis-py's words in place of Celery's for a socket and its database."""
    return url.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=", 1)


def for_celery(url: str) -> str:
    """The URL with Celery's words in place of redis-py's for a socket and its database: it knows no others."""
    if not url.startswith("unix://"):
        return url
    return re.sub(r"(?<=[?&])db=", "virtual_host=", url.replace("unix://", "redis+socket://", 1))


def with_known_options(url: str) -> str:
    """The URL; raises ValueError, which says what is wanted, if no connection can be made with its options."""
    try:
        ConnectionPool.from_url(for_redis_py(url)).make_connection()
    except (TypeError, ValueError):
        raise ValueError("a URL with options that redis-py takes, those with ssl_ behind rediss:// only") from None
    return url


def of_one_group(url: str) -> str:
    """
    URLs of sentinels, each with the login and the database that one of them names, for of the first alone they are
    taken, and Celery's documentation has the database behind the last; raises ValueError, which says what is wanted.
    """
    if "?" in url:
        raise ValueError("URLs of sentinels without ? and options, which nobody heeds: TLS is not supported there")
    parts = [urlsplit(part.strip()) for part in url.split(";")]
    logins = {part.netloc.rpartition("@")[0] for part in parts} - {""}
    databases = {part.path for part in parts} - {"", "/"}
    if len(logins) > 1 or len(databases) > 1:
        raise ValueError("URLs of sentinels that name one database and one password, of which one is enough")
    login = "".join(f"{one}@" for one in logins)
    hosts = ((part, part.netloc.rpartition("@")[2]) for part in parts)
    return ";".join(part._replace(netloc=login + host, path="".join(databases)).geturl() for part, host in hosts)


def with_certificates(url: str) -> str:
    """
    The URL as redis-py and Celery both read it; raises ValueError, which says what is wanted.

    Without ssl_cert_reqs, Celery's broker takes rediss:// for a connection in the clear (kombu.transport.redis).
    """
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        return url
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    requirement = options.get(_REQUIREMENT, "required").lower().removeprefix("cert_")
    if requirement not in REQUIREMENTS:
        raise ValueError(f"a URL whose {_REQUIREMENT} is one of {', '.join(REQUIREMENTS)}")
    return parts._replace(query=urlencode(options | {_REQUIREMENT: requirement}, safe="/")).geturl()


def without_password(url: str) -> str:
    """The URL, or those of sentinels, as it may be shown: without who logs in, and without options."""
    parts = url.split(";") if url.startswith("sentinel://") else [url]
    return ";".join(_LOGIN.sub("", part).partition("?")[0] for part in parts)
