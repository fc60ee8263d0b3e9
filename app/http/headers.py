"""Headers of every answer that keep browsers from doing harm with it."""

from typing import Final

from aiohttp import web

from app.paths import DOCS_PATH

_ALWAYS: Final = {
    "Server": "celery-twilio-api",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}

#: Of the API: nothing in it is a page, and nothing is to be kept.
API_HEADERS: Final = _ALWAYS | {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}

#: Of Swagger UI, which puts styles into the page and images into `data:` URLs.
_PAGE_HEADERS: Final = _ALWAYS | {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}

#: Of the console, which puts nothing into the page but elements and text.
CONSOLE_HEADERS: Final = _ALWAYS | {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    ),
}


def add_headers(response: web.StreamResponse, path: str) -> None:
    """Adds them to the answer for an address, unless it has them."""
    if "X-Frame-Options" not in response.headers:
        response.headers.update(_PAGE_HEADERS if path.startswith(DOCS_PATH) else API_HEADERS)
