"""Structured logs: one JSON object a line, or columns for people."""

import atexit
import json
import logging
import os
import sys
import time
from contextlib import suppress
from functools import partial
from typing import Any, Final

import structlog

from runtime.masking import mask_event
from runtime.uncaught import log_surprises
from worker.settings import Settings

#: Of our own lines and of those of libraries.
_SHARED: Final[list[structlog.types.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(settings: Settings) -> None:
    """Sends every log line of the process, the libraries' included, to stdout in one form."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_formatter(settings.log_format))
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    _quieten(settings.log_level)
    celery_worker: Any = sys.modules.get("celery.apps.worker")
    if celery_worker:
        celery_worker.safe_say = partial(_say, settings.log_format)
    atexit.register(_let_go)
    log_surprises()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _formatter(log_format: str) -> logging.Formatter:
    """How a record of anybody becomes a line."""
    renderer: list[structlog.types.Processor] = [structlog.processors.JSONRenderer()]
    if log_format == "console":
        renderer = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(),
                exception_formatter=structlog.dev.plain_traceback,
                repr_native_str=True,  # or what Twilio says could speak to the terminal
            )
        ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.processors.format_exc_info,
            mask_event,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *renderer,
        ],
    )


def _quieten(level: str) -> None:
    """Lets libraries say only what matters to an operator."""
    # It tells of each request with the URL's query, which holds the numbers when a call is looked up.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    for chatter in ("celery.bootsteps", "celery.pool", "redis.connection"):
        logging.getLogger(chatter).setLevel(logging.WARNING)
    if level != "DEBUG":
        for chatter in ("celery.worker.strategy", "celery.app.trace", "twilio.http_client"):
            logging.getLogger(chatter).setLevel(logging.WARNING)


def _say(log_format: str, message: str, _file: object = None) -> None:
    """
    What Celery tells from a signal's handler, where the log may be held by what the signal interrupted.

    Where it cannot be written, on a full disk for one, the handler does the rest of its work all the same.
    """
    if log_format == "json":
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = {"event": message, "level": "info", "logger": "celery.apps.worker", "timestamp": moment}
        message = json.dumps(line)
    with suppress(OSError):
        os.write(sys.stdout.fileno(), f"{message}\n".encode())


def _let_go() -> None:
    """What could not be written is nobody's: Python, ending, would try once more and end as if something had failed."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
