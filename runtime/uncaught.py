"""What nobody caught, and what the interpreter warns about, goes where the log goes: Python itself would print it."""

import logging
import sys
import threading
from types import TracebackType
from typing import Final

_log: Final = logging.getLogger("surprises")


def log_surprises() -> None:
    """Call once the log has its form."""
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        _log.critical("uncaught", exc_info=(kind, error, traceback))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    error = args.exc_value
    if error is not None:
        _log.critical("uncaught_in_thread", exc_info=(args.exc_type, error, args.exc_traceback))
