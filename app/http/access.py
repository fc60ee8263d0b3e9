"""Who may ask: every address but a few needs a key, one added later too."""

import asyncio
from collections import defaultdict
from functools import partial
from typing import Final

import structlog
from aiohttp import web
from multidict import CIMultiDictProxy

from app.context import CLIENT, SCALES
from app.errors import Forbidden, InvalidRequest, TooManyRequests, Unauthorized
from app.http.middleware import Guard
from app.paths import DRY_ROUTES, HEALTH_PATH, OPEN_ROUTES
from app.security.addresses import home_of
from app.security.request_limit import RequestLimit, Scales
from app.settings import Settings
from app.store.turns import MOST_AT_ONCE, TURNS
from app.telemetry import log_context

log = structlog.get_logger("app.http.access")


_BEARER: Final = "bearer"
_AUTHORIZATION: Final = "Authorization"
_KEY_HEADER: Final = "X-API-Key"
SEVERAL: Final = "The request must carry one API key, once."

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

BURST_SECONDS: Final = 2.0

#: Wrong keys that one address may try.
GUESSES_A_MINUTE: Final = 20
MOST_GUESSERS: Final = 10_000


def key_check(settings: Settings) -> Guard:
    """The guard that asks for a key and bounds how often a key is used, and how often one is guessed."""
    ring = settings.api_keys
    requests = RequestLimit(settings.requests_per_second_per_key, BURST_SECONDS, most_names=len(ring.keys))
    turns: defaultdict[str, asyncio.Semaphore] = defaultdict(partial(asyncio.Semaphore, MOST_AT_ONCE))
    guesses = RequestLimit(GUESSES_A_MINUTE / 60, 60, MOST_GUESSERS)

    def count_guess(request: web.Request) -> None:
        """Others at the same address, or behind the same proxy, are not held up: a right key always passes."""
        forwarded = request.headers.getall("X-Forwarded-For", ())
        guesser = home_of(request.remote or "", forwarded, settings.trusted_proxies)
        if wait_seconds := guesses.take(guesser):
            raise TooManyRequests("Too many wrong API keys came from this address.", wait_seconds)
        log.warning("wrong_key", address=guesser)

    def require_key(request: web.Request) -> None:
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else ""
        if route in OPEN_ROUTES and route != HEALTH_PATH:
            return
        secret = presented_secret(request.headers)
        name = ring.name_of(secret) if secret else None
        if name is None:
            if secret:
                count_guess(request)
            if route == HEALTH_PATH:
                return
            raise Unauthorized
        if wait_seconds := requests.take(name):
            raise TooManyRequests("This API key is used too often.", wait_seconds)
        request[CLIENT], request[SCALES] = name, Scales(requests, name)
        TURNS.set(turns[name])
        log_context.add(client=name)
        if request.method not in _READS and route not in DRY_ROUTES:
            refuse_reader(request, settings)

    return require_key


def refuse_reader(request: web.Request, settings: Settings) -> None:
    """Raises Forbidden if the key that the request came with may change nothing."""
    if settings.tenants.only_reads(request.get(CLIENT, "")):
        raise Forbidden("This API key may only read.")


def presented_secret(headers: CIMultiDictProxy[str]) -> str:
    """
    The secret of `Authorization: Bearer <secret>` or of `X-API-Key: <secret>`; '' without one.

    Raises InvalidRequest if there are several, of which a proxy in front may have looked at another one.
    """
    credentials, keys = headers.getall(_AUTHORIZATION, []), headers.getall(_KEY_HEADER, [])
    scheme, _, bearer = credentials[0].partition(" ") if credentials else ("", "", "")
    secrets = [bearer.strip()] if scheme.lower() == _BEARER else []
    secrets += [key.strip() for key in keys]
    if len(credentials) > 1 or len(keys) > 1 or len(set(secrets)) > 1:
        raise InvalidRequest(SEVERAL, {_AUTHORIZATION: [SEVERAL]})
    return secrets[0] if secrets else ""
