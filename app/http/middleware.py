"""What happens around every handler: requests are logged and let in or not, errors become JSON."""

import time
from collections.abc import Callable
from http import HTTPStatus
from itertools import chain
from typing import Final, TypeAlias

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from app.context import ANSWERED, REQUEST_ID
from app.errors import ApiError, HeadersTooLarge, Internal, InvalidRequest
from app.http.answers import Answer, error_of, problem
from app.http.headers import add_headers
from app.paths import HEALTH_PATH, STATUS_ROUTE, STREAM_PATH
from app.telemetry import log_context
from app.telemetry.metrics import RequestTally
from app.telemetry.request_ids import request_ids
from runtime.masking import mask_numbers
from schemas.errors import RecordError
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH

log = structlog.get_logger("app.http")

_BAD_REQUEST: Final = int(HTTPStatus.BAD_REQUEST)

#: Raises an ApiError for a request that is not let in.
Guard: TypeAlias = Callable[[web.Request], None]

_IDS: Final = request_ids()

#: Asked every few seconds by machines: as long as all is well, not worth a line each.
_POLLED: Final = frozenset({"/livez", "/readyz", "/metrics", HEALTH_PATH, STATUS_ROUTE, STREAM_PATH})

#: As much as proxies pass on. Lists in headers take long to read: aiohttp bounds their lines, and how many there are.
HEAD_LIMIT_BYTES: Final = 32 * 1024

_SCHEMES: Final = ("http://", "https://")
#: What Twilio signs is refused for such a target by its signature.
_SIGNED: Final = frozenset({INCOMING_CALL_PATH, CALL_STATUS_PATH})
_NO_TARGET: Final = "A request is for a path, or for a URL that begins with http:// or https://."


def log_requests(tally: RequestTally, *, polls: bool) -> Middleware:
    """
    The middleware that counts requests and tells of each in one line, with an id that every other line of the request
    carries; of polls that find what they ask for only if `polls`.
    """
    lines = log.bind()  # or each would look for its logger anew

    @web.middleware
    async def logged(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = request[REQUEST_ID] = next(_IDS)
        log_context.begin(request_id=request_id)
        began = time.perf_counter()
        response = await handler(request)
        if isinstance(response, Answer):
            seconds = time.perf_counter() - began
        else:
            seconds = (request.get(ANSWERED) or time.perf_counter()) - began
            add_headers(response, request.path)
        method, path, status = request.method, request.path, response.status
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "none"
        tally.answered(method, route, status, seconds)
        is_poll = route in _POLLED and status < _BAD_REQUEST
        if polls or not is_poll:
            tell = lines.debug if is_poll else lines.info
            tell(
                "request",
                method=method,
                path=_shown(path, route),
                status=status,
                milliseconds=round(seconds * 1e4) / 10,
            )
        response.headers["X-Request-ID"] = request[REQUEST_ID]
        return response

    return logged


def _shown(path: str, route: str) -> str:
    """The path of a request, without numbers that stand in place of an id, or anything at an unknown address."""
    if path == route:
        return path
    fixed, brace, _ = route.partition("{")
    return fixed + mask_numbers(path[len(fixed) :]) if brace else route


def answer_errors(guard: Guard) -> Middleware:
    """
    The middleware behind which the endpoints are, for whom the guard lets in: every answer that is not a success is
    JSON with a sentence and a code, and tells nothing of the inside.
    """

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if sum(map(len, chain.from_iterable(request.raw_headers))) > HEAD_LIMIT_BYTES:
                raise HeadersTooLarge
            if request.raw_path[:1] != "/":
                _check_target(request)
            guard(request)
            return await handler(request)
        except ApiError as error:
            return problem(error)
        except web.HTTPException as refusal:
            if refusal.status < _BAD_REQUEST:
                raise
            return problem(error_of(refusal))
        except RecordError:
            log.exception("record_damaged")
            return problem(Internal("The record of this task is damaged."))
        except Exception:  # the edge of the program: a surprise is logged here, and its client told nothing of it
            log.exception("request_failed")
            return problem(Internal())

    return guarded


def _check_target(request: web.Request) -> None:
    """Raises InvalidRequest for a target of a scheme that is not ours: what is in front may read it otherwise."""
    scheme_is_ours = request.raw_path.lower().startswith(_SCHEMES)
    if "://" in request.raw_path and not scheme_is_ours and request.path not in _SIGNED:
        raise InvalidRequest(_NO_TARGET, {"target": [_NO_TARGET]})
