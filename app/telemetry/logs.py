"""Structured logs: one JSON object a line, or columns for people."""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, Final

import orjson
import structlog
from aiohttp.http import HttpProcessingError
from structlog.types import EventDict, Processor, WrappedLogger

from app.settings import Settings
from app.telemetry import log_context
from app.telemetry.log_output import LogOutput
from runtime.masking import mask_event
from runtime.uncaught import log_surprises

_DELETE: Final = b"\x7f"


class _NamedLogger:
    """Writes lines past the standard library's logging, which would cost three times as much."""

    def __init__(self, output: LogOutput, name: str = "app") -> None:
        self.name = name
        self.msg = output.line
        self.debug = self.info = self.warning = self.error = self.critical = self.exception = output.line


class _Lines(structlog.BoundLoggerBase):
    """Lines of fields, without what structlog does around its processors: that took longer than they do."""

    def _proxy_to_logger(self, method_name: str, event: str | None = None, **event_kw: Any) -> Any:
        line: Any = event_kw
        line["event"] = event
        for processor in self._processors:
            line = processor(self._logger, method_name, line)
        return self._logger.msg(line)


class _Handler(logging.Handler):
    """Takes what libraries log."""

    def __init__(self, output: LogOutput) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line."""
        self._output.line(self.format(record))


def configure(settings: Settings) -> None:
    """Sends every log line of the process, the libraries' included, to stdout in one form."""
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
            repr_native_str=True,  # or what a client sends could speak to the terminal
        )
        if settings.log_format == "console"
        else _json
    )
    output = LogOutput()
    handler = _Handler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_stamp, _tell_no_request],
            processors=[
                structlog.processors.format_exc_info,
                mask_event,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    log_surprises()
    structlog.configure(
        processors=[_complete, renderer],
        logger_factory=partial(_NamedLogger, output),
        wrapper_class=type("Lines", (_Lines, structlog.make_filtering_bound_logger(settings.log_level)), {}),
        cache_logger_on_first_use=True,
    )


def _complete(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """What six processors of structlog do, in one call: each line passes here."""
    event = _stamp(logger, method, event)
    if "exc_info" not in event:
        return event
    return mask_event(logger, method, structlog.processors.format_exc_info(logger, method, event))


def _stamp(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Adds who logs what about which request, and when."""
    record = event.get("_record")
    seconds, fraction = divmod(time.time(), 1)
    return {
        **log_context.fields(),
        **event,
        "level": "error" if method == "exception" else method,
        "logger": logger.name if record is None else record.name,
        "timestamp": f"{_second(seconds)}.{int(fraction * 1e6):06}Z",
    }


@lru_cache(maxsize=2)
def _second(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def _tell_no_request(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Of a request that is no HTTP, aiohttp would log the very bytes: a number, or a key in a header."""
    error = event["exc_info"][1] if event.get("exc_info") else None
    if isinstance(error, HttpProcessingError):
        del event["exc_info"]
        event["reason"] = type(error).__name__
    return event


def _json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """One line of ASCII, so that no character of a client's can end it for some reader."""
    try:
        line = orjson.dumps(event, default=repr)
        if line.isascii() and _DELETE not in line:  # of ASCII, orjson escapes all else that is no letter
            return line.decode()
    except TypeError:  # half of a surrogate pair, or a whole number of more than 64 bits
        pass
    return json.dumps(event, default=repr)
