"""Structured logs: one JSON object a line, or columns for people."""

import logging
import sys

import structlog
from aiohttp.http import HttpProcessingError

from app.settings import Settings
from schemas.masking import mask_event
from schemas.surprises import log_surprises


def configure(settings: Settings) -> None:
    """Sends every log line of the process, the libraries' included, to stdout in one form."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[structlog.types.Processor] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(),
                exception_formatter=structlog.dev.plain_traceback,
                repr_native_str=True,  # or what a client sends could speak to the terminal
            )
        ]
        if settings.log_format == "console"
        else [structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _tell_no_request],
            processors=[
                structlog.processors.format_exc_info,
                mask_event,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *renderer,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    log_surprises()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _tell_no_request(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Of a request that is no HTTP, aiohttp would log the very bytes: a number, or a key in a header."""
    error = event["exc_info"][1] if event.get("exc_info") else None
    if isinstance(error, HttpProcessingError):
        del event["exc_info"]
        event["reason"] = type(error).__name__
    return event
