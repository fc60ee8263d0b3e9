"""
The HTTP connections of one web process: how many there are, and how long a client may take to say what it wants.

aiohttp bounds neither (its `keepalive_timeout` is the only limit on a request whose head never ends), so this extends
its protocol. What of its inside that touches stands in docs/private-names.md.
"""

import asyncio
import time
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, Final, cast

import structlog
from aiohttp import web
from aiohttp.http import HttpVersion11
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from app.errors import ApiError, HeadersTooLarge, TooManyConnections, TooSlow
from app.http.answers import error_of, error_with, problem, raw_problem
from app.http.crowd import Crowd
from app.http.headers import API_HEADERS

log = structlog.get_logger("app.http.connections")

#: From the first byte of a request, or from the connection's start, to the end of the request's head.
HEAD_SECONDS: Final = 10.0
#: How long a connection may stay open between requests. Proxies close theirs after 60 s.
IDLE_SECONDS: Final = 75.0
#: How long the rest of a body that nobody wants is read, so that its sender gets to see the answer.
LINGERING_SECONDS: Final = 2.0
#: How long a client may leave its answers unread once they fill what is kept for it.
UNREAD_SECONDS: Final = 30.0
#: For so long the first request of a new connection may be on its way when the process is told to stop.
NEW_SECONDS: Final = 1.0
LINE_LIMIT_BYTES: Final = 8190
MOST_HEADERS: Final = 100
_TOO_LONG: Final = f"The address or a header is longer than {LINE_LIMIT_BYTES} bytes."


class Connection(web.RequestHandler):
    """One connection of a client."""

    __slots__ = ("_address", "_crowd", "_head_timer", "_heard", "_held", "_idle_from", "_unread_timer")

    def __init__(self, server: web.Server, crowd: Crowd) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=cast(Any, None),
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGERING_SECONDS,
            max_line_size=LINE_LIMIT_BYTES,
            max_field_size=LINE_LIMIT_BYTES,
            max_headers=MOST_HEADERS,
            auto_decompress=False,
        )
        self._crowd = crowd
        self._address = ""
        self._idle_from = time.monotonic()
        self._head_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._heard = False
        self._held = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Turns the client away when there are too many and none of them is idle."""
        self._address = str((transport.get_extra_info("peername") or ("",))[0])
        if not self._crowd.enter(self):
            self._force_close = True
            cast(asyncio.Transport, transport).write(raw_problem(TooManyConnections()))
            transport.close()
            return
        super().connection_made(transport)
        self._head_timer = self._loop.call_later(HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._crowd.leave(self)
        self._stop_head_timer()
        self._stop_unread_timer()
        super().connection_lost(exc)

    @property
    def address(self) -> str:
        """Of the client, or of the proxy in front of it."""
        return self._address

    @property
    def idle_since(self) -> float | None:
        """When its last whole head came, or it began, if it waits for its client now."""
        return self._idle_from if self._waits_for_client() else None

    @property
    def is_new(self) -> bool:
        """Whether its first request may be on its way."""
        return not self._request_count and time.monotonic() - self._idle_from < NEW_SECONDS

    def turn_out(self) -> None:
        """Makes room for another."""
        self.force_close()

    def pause_reading(self) -> None:
        self._held = True
        super().pause_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Called for each body that is read: where nothing was held back, there is nothing to go on with."""
        if self._held:
            self._held = False
            super().resume_reading(resume_parser)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.transport is not None:
            self._unread_timer = self._loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_unread_timer()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        self._heard = True
        heads = self._request_count
        super().data_received(data)
        if self._request_count > heads:
            self._idle_from = time.monotonic()
            self._stop_head_timer()
        elif self._head_timer is None and self._is_idle():  # so the head of the next request is not complete
            self._head_timer = self._loop.call_later(HEAD_SECONDS, self._give_up)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is not HTTP, and to what failed outside of the middlewares."""
        if isinstance(exc, HttpProcessingError):
            log.info("request_malformed", fault=type(exc).__name__)
        elif isinstance(exc, ConnectionError):
            log.info("client_left")
        else:
            log.error("request_failed", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("Part of an answer is already sent.")
        response = _answer(HeadersTooLarge(_TOO_LONG) if isinstance(exc, LineTooLong) else error_with(status))
        response.force_close()
        return response

    def log_exception(self, *args: Any, **options: Any) -> None:
        """What fails after the answer: the rest of a body that nobody read is often not what its headers say."""
        exc = options.get("exc_info")
        if isinstance(exc, web.RequestPayloadError | HttpProcessingError):
            log.info("request_malformed", fault=type(exc).__name__)
        else:
            super().log_exception(*args, **options)

    def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> Coroutine[Any, Any, tuple[web.StreamResponse, bool]]:
        """Gives what aiohttp refuses before the middlewares (an unknown Expect) the form of every error."""
        if isinstance(resp, web.HTTPException) and resp.status >= HTTPStatus.BAD_REQUEST:
            resp = _answer(error_of(resp))
        if resp.prepared and request.version < HttpVersion11:  # of what comes bit by bit nothing else tells the end
            resp.force_close()
        return super().finish_response(request, resp, start_time)

    def _waits_for_client(self) -> bool:
        """For a head, for the rest of a body, which a handler or nobody wants, or for an answer to be read."""
        request = self._current_request
        return request is None or not request.content.is_eof() or self._unread_timer is not None

    def _is_idle(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def _give_up(self) -> None:
        self._head_timer = None
        if self.transport is not None and self._is_idle():
            if self._heard:
                self.transport.write(raw_problem(TooSlow()))
            self.force_close()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_unread_timer(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None


def _answer(error: ApiError) -> web.Response:
    response = problem(error)
    response.headers.update(API_HEADERS)
    return response
