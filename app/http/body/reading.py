"""The bytes of a request's body, within bounds of size and time."""

import asyncio
from typing import Final

from aiohttp import web

from app import errors
from app.context import STOPPING
from app.errors import LedgerAway, TooSlow
from app.http.body.codings import broken

BODY_LIMIT_BYTES: Final = 1024 * 1024

#: From the end of a request's head to the end of its body.
BODY_SECONDS: Final = 15.0

#: Likewise, from when the process is told to stop: less than app.server.SHUTDOWN_SECONDS, so that an answer gets out.
STOPPING_SECONDS: Final = 2.5


async def read_body(request: web.Request) -> bytes:
    """The whole body as it was sent; raises TooSlow, LedgerAway, InvalidRequest if it breaks off, or aiohttp's 413."""
    content = request.content
    try:
        if content.is_eof():  # nothing to wait for, so none of what aiohttp does for a body that comes in parts
            body = content.read_nowait()
            if len(body) > BODY_LIMIT_BYTES:
                raise web.HTTPRequestEntityTooLarge(BODY_LIMIT_BYTES)
            return body
        async with asyncio.timeout(BODY_SECONDS):
            return await _arriving(request)
    except TimeoutError as error:
        raise TooSlow("The body did not arrive in time.") from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise broken() from error


async def _arriving(request: web.Request) -> bytes:
    """A body that comes in parts; raises LedgerAway if it is not there soon after the process is told to stop."""
    body = asyncio.ensure_future(request.read())
    told = asyncio.ensure_future(request.app[STOPPING].wait())
    try:
        await asyncio.wait((body, told), return_when=asyncio.FIRST_COMPLETED)
        if not body.done():
            await asyncio.wait((body,), timeout=STOPPING_SECONDS)
        if not body.done():
            raise LedgerAway(errors.STOPPING)
        return await body
    finally:
        body.cancel()
        told.cancel()
