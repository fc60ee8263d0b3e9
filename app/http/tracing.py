"""The web tier's spans: requests that make tasks, and Twilio's webhooks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from app.context import LEDGER, REQUEST_ID, TRACEPARENT
from runtime import tracing
from schemas.messages import task_of
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH

#: W3C Trace Context: https://www.w3.org/TR/trace-context/
HEADER: Final = "traceparent"

_WEBHOOKS: Final = frozenset({CALL_STATUS_PATH, INCOMING_CALL_PATH})


@web.middleware
async def trace_tasks(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A span around each request that may make a task; the task's trace begins with it, or is its client's."""
    known = request.match_info.route.resource is not None
    if request.method != "POST" or request.path in _WEBHOOKS or not known:
        return await handler(request)
    given = request.headers.get(HEADER, "")
    with tracing.span(tracing.Kind.REQUEST, f"{request.method} {request.path}", request[REQUEST_ID], given) as span:
        if given:
            request[TRACEPARENT] = tracing.current()
        response = await handler(request)
        if span is not None:
            span.set_attribute("http.response.status_code", response.status)
        return response


@asynccontextmanager
async def webhook_traced(request: web.Request, call_id: str) -> AsyncIterator[None]:
    """A span around what a webhook does, below the request that made the call."""
    if not tracing.active():
        yield
        return
    traceparent = await request.app[LEDGER].traceparent(task_of(call_id))
    with tracing.span(tracing.Kind.CALLBACK, f"{request.method} {request.path}", task_of(call_id), traceparent):
        yield
