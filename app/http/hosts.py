"""
Without API keys: which names the server answers to, and whose pages may ask.

A page of another site reaches a loopback server by a name of its own that leads there (DNS rebinding): its Host tells.
"""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from app.errors import Forbidden
from app.http.middleware import Guard
from app.security.addresses import is_loopback
from app.settings import Settings
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH, USUAL_PORTS

log = structlog.get_logger("app.http.hosts")

#: Probes, and what Twilio signs: a proxy in front may send whatever Host it likes.
_ANY_HOST: Final = frozenset({"/livez", "/readyz", INCOMING_CALL_PATH, CALL_STATUS_PATH})

#: Clients ask by one of a few names.
_MOST_REMEMBERED: Final = 16


def host_check(settings: Settings) -> Guard:
    """The guard that lets in only those who ask for a name of ours, from no page of another site."""
    public = urlsplit(settings.public_base_url)
    names = settings.allowed_hosts | ({public.hostname} if public.hostname else set())
    origins = settings.cors_origins | {f"{public.scheme}://{public.netloc.rpartition('@')[2]}"}

    @lru_cache(maxsize=_MOST_REMEMBERED)
    def is_ours(authority: str) -> bool:
        host = _host_of(authority)
        return bool(host) and (host in names or is_loopback(host))

    def require_host(request: web.Request) -> None:
        if request.path in _ANY_HOST:
            return
        hosts, origin = request.headers.getall("Host", [""]), request.headers.get("Origin")
        if len(hosts) > 1 or not is_ours(hosts[0]):
            log.warning("host_not_ours")
            raise Forbidden("This server is not known by that name: ALLOWED_HOSTS can name it, or set API_KEYS.")
        if origin is not None and origin not in origins and not _is_at(origin, hosts[0]):
            log.warning("origin_not_ours")
            raise Forbidden("Pages of other sites may not ask: CORS_ORIGINS can name them.")

    return require_host


def _is_at(origin: str, authority: str) -> bool:
    """Whether an origin is that of who is asked for: a proxy may name the usual port, which browsers leave out."""
    scheme, _, place = origin.lower().partition("://")
    usual = f":{USUAL_PORTS.get(scheme)}"
    return place.removesuffix(usual) == authority.lower().removesuffix(usual)


def _host_of(authority: str) -> str:
    """The host of `host:port`, in lower case and without brackets; '' if it is none."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""
