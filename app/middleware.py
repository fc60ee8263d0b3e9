"""What happens around every handler: errors become JSON with `detail`, requests are logged."""

import logging
import time
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from app import log_context
from app.context import REQUEST_ID
from app.errors import ApiError
from app.headers import add_headers
from app.metrics import METRICS
from app.request_id import new_request_id
from app.routes import HEALTH_PATH, STATUS_ROUTE
from schemas.errors import RecordError
from schemas.masking import mask_numbers

log = structlog.get_logger("app.http")

#: Asked every few seconds by machines: as long as all is well, not worth a line each.
_POLLED: Final = frozenset({"/livez", "/readyz", "/metrics", HEALTH_PATH, STATUS_ROUTE})

_SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than 1 MiB.",
}


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line a request, with an id that every other line of this request carries; polls need DEBUG for theirs."""
    request_id = request[REQUEST_ID] = new_request_id()
    log_context.begin(request_id=request_id)
    began = time.perf_counter()
    response = await handler(request)
    seconds = time.perf_counter() - began
    method, path, status = request.method, request.path, response.status
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "none"
    request.app[METRICS].requests.answered(method, route, status, seconds)
    level = logging.DEBUG if route in _POLLED and status < HTTPStatus.BAD_REQUEST else logging.INFO
    if log.is_enabled_for(level):
        milliseconds = round(seconds * 1e3, 1)
        log.log(level, "request", method=method, path=_shown(path, route), status=status, milliseconds=milliseconds)
    add_headers(response, path)
    response.headers["X-Request-ID"] = request[REQUEST_ID]
    return response


def _shown(path: str, route: str) -> str:
    """The path of a request, without numbers that stand in place of an id, or anything at an unknown address."""
    if path == route:
        return path
    fixed, brace, _ = route.partition("{")
    return fixed + mask_numbers(path[len(fixed) :]) if brace else route


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer that is not a success is JSON with one sentence, and tells nothing of the inside."""
    try:
        return await handler(request)
    except ApiError as error:
        return web.json_response(error.body(), status=error.status, headers=dict(error.headers))
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        status = HTTPStatus(error.status)
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        detail = _SENTENCES.get(status, f"{status.phrase}.")
        return web.json_response({"detail": detail}, status=status, headers=headers)
    except RecordError:
        log.exception("record_damaged")
        return web.json_response({"detail": "The record of this task is damaged."}, status=500)
    except Exception:  # the edge of the program: a surprise is logged here, and its client told nothing of the inside
        log.exception("request_failed")
        return web.json_response({"detail": "Something went wrong inside the service."}, status=500)
