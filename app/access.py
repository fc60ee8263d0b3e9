"""Who may ask: every address but a few needs a key, one added later too."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from app import log_context
from app.context import CLIENT
from app.documentation import DOCS_PATH, DOCUMENT_PATH, FILE_ROUTE, START_PATH
from app.errors import TooManyRequests, Unauthorized
from app.keys import presented_secret
from app.request_limit import RequestLimit
from app.routes import HEALTH_PATH
from app.settings import Network, Settings
from schemas.webhooks import CALL_STATUS_PATH, INCOMING_CALL_PATH

log = structlog.get_logger("app.access")


#: Routes that need no key: probes, what Twilio signs, and the page on which a person enters a key.
OPEN_ROUTES: Final = frozenset(
    {
        HEALTH_PATH,
        "/livez",
        "/readyz",
        INCOMING_CALL_PATH,
        CALL_STATUS_PATH,
        DOCS_PATH,
        START_PATH,
        DOCUMENT_PATH,
        FILE_ROUTE,
    }
)

BURST_SECONDS: Final = 2.0

#: Wrong keys that one address may try.
GUESSES_A_MINUTE: Final = 20
MOST_GUESSERS: Final = 10_000
_IPV6_HOME_BITS: Final = 64


def key_check(settings: Settings) -> Middleware:
    """The middleware that asks for a key and bounds how often a key is used, and how often one is guessed."""
    ring = settings.api_keys
    requests = RequestLimit(settings.requests_per_second_per_key, BURST_SECONDS, most_names=len(ring.keys))
    guesses = RequestLimit(GUESSES_A_MINUTE / 60, 60, MOST_GUESSERS)

    @web.middleware
    async def require_key(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        if resource is not None and resource.canonical in OPEN_ROUTES:
            return await handler(request)
        guesser = "" if guesses.is_untouched() else _home(request, settings.trusted_proxies)
        if guesser and (wait_seconds := guesses.wait_seconds(guesser)):
            raise TooManyRequests("Too many wrong API keys came from this address.", wait_seconds)
        secret = presented_secret(request.headers)
        name = ring.name_of(secret) if secret else None
        if name is None:
            if secret:
                guesser = guesser or _home(request, settings.trusted_proxies)
                guesses.take(guesser)
                log.warning("wrong_key", address=guesser)
            raise Unauthorized
        if wait_seconds := requests.take(name):
            raise TooManyRequests("This API key is used too often.", wait_seconds)
        request[CLIENT] = name
        log_context.add(client=name)
        return await handler(request)

    return require_key


def _home(request: web.Request, trusted_proxies: Sequence[Network]) -> str:
    """The address that a request comes from; of IPv6 the part that one home has. Only trusted proxies are believed."""
    hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", ()) for hop in line.split(",")]
    address = _parse_address(request.remote or "")
    while hops and address is not None and any(address in network for network in trusted_proxies):
        address = _parse_address(hops.pop())
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), _IPV6_HOME_BITS), strict=False))
    return str(address)


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
