"""
Cross-origin requests from the pages of CORS_ORIGINS.

Not aiohttp-cors: its preflights are routes, which a middleware that asks for a key refuses, and its headers are missing
on what a middleware answers (its issues 193 and 481). No credentials are allowed: a page sends its key itself.
"""

from collections.abc import Set
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_ALLOWED: Final = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, X-API-Key, Content-Type, Idempotency-Key, If-Match",
    "Access-Control-Max-Age": "600",
}
_EXPOSED: Final = {"Access-Control-Expose-Headers": "ETag, Idempotent-Replayed, Retry-After"}


def allowance(request: web.Request, origins: Set[str]) -> dict[str, str]:
    """What an answer that begins before the middleware sees it tells the browser of a page that may read it."""
    origin = request.headers.get("Origin", "")
    return {**_EXPOSED, "Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin in origins else {}


def cross_origin(origins: Set[str]) -> Middleware:
    """The middleware that tells browsers which pages may read the answers; it stands outside of what refuses."""

    @web.middleware
    async def allow_origins(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        allowed = origin in origins
        if allowed and request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response: web.StreamResponse = web.Response(status=204, headers=_ALLOWED)
        else:
            response = await handler(request)
            if allowed:
                response.headers.update(_EXPOSED)
        if allowed:
            response.headers["Access-Control-Allow-Origin"] = origin
        response.headers.add("Vary", "Origin")
        return response

    return allow_origins
