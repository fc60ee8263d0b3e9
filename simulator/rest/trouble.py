"""What a fault makes of the answer to a request."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from http import HTTPStatus

from aiohttp import web

from simulator.form.refusal import MEANINGS, RefusalError
from simulator.orders.fault import Fault

#: A header that only something between client and Twilio writes.
PROXY_MARK = "Via"
#: Kind of fault -> the Twilio code of its error answer.
_CODES = {"error_before": 20500, "error_after": 20500, "unavailable": 20503, "too_many": 20429, "unseen": 20404}
_CLIENT_GONE_CHECK_SECONDS = 0.05
_CUT = frozenset({"reset_before", "reset_after", "lost_answer"})
_PAGE = """<!doctype html>
<html><head><title>{title}</title></head><body><h1>{title}</h1>
<form action="/login"><input name="user"><input name="password" type="password"></form></body></html>
"""


def refused(refusal: RefusalError) -> web.Response:
    """Twilio's error answer."""
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if refusal.http_status == HTTPStatus.UNAUTHORIZED else {}
    return web.json_response(refusal.body(), status=refusal.http_status, headers=headers)


async def befall(fault: Fault, request: web.Request, to: str, response: web.Response | None) -> web.Response:
    """What goes back instead of the response, which is None if the request, about that number, was not carried out."""
    if fault.kind in _CUT:
        _cut(request, reset=fault.kind != "lost_answer")
    elif fault.kind == "hang":
        await _until_client_leaves(request)
    elif fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    elif fault.kind == "proxy":
        return _proxy_answer(fault)
    else:
        return _error_answer(fault, request.path, to)
    # Nobody reads it of a connection that is gone.
    return response or web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _error_answer(fault: Fault, path: str, to: str) -> web.Response:
    code = _CODES.get(fault.kind, fault.code)
    default = MEANINGS[code].http_status if code in MEANINGS else HTTPStatus.BAD_REQUEST
    refusal = RefusalError(code, path if code == _CODES["unseen"] else to, fault.status or default)
    answer = refused(refusal)
    if fault.form == "problem":
        answer = web.json_response(
            refusal.problem(), status=refusal.http_status, content_type="application/problem+json"
        )
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = fault.retry_after
    return answer


def _proxy_answer(fault: Fault) -> web.Response:
    status = fault.status or HTTPStatus.BAD_GATEWAY
    title = "Log in to go on" if status < HTTPStatus.BAD_REQUEST else f"{status} from the proxy"
    headers = {PROXY_MARK: "1.1 proxy"}
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        headers["Location"] = fault.location or "https://login.example.net/"
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        headers["Proxy-Authenticate"] = 'Basic realm="proxy"'
    if fault.retry_after is not None:
        headers["Retry-After"] = fault.retry_after
    return web.Response(status=status, text=_PAGE.format(title=title), content_type="text/html", headers=headers)


def _cut(request: web.Request, *, reset: bool) -> None:
    """Close the connection without an answer; a reset is what a crashed peer looks like (RST)."""
    transport = request.transport
    if transport is None:
        return
    if reset:
        peer = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _until_client_leaves(request: web.Request) -> None:
    # aiohttp tells a handler of a lost client only by cancelling all handlers so; hence the look.
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(_CLIENT_GONE_CHECK_SECONDS)
