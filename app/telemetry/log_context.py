"""
What every log line about one request carries: its id, and what becomes known on the way.

structlog.contextvars does the same with a context variable for each field, which costs more than all else of a line.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final

_FIELDS: Final[ContextVar[dict[str, str] | None]] = ContextVar("log_fields", default=None)
_NONE: Final[Mapping[str, str]] = {}


def begin(**fields: str) -> None:
    """From here on the lines of this task, and of tasks that it starts, carry these fields and no others."""
    _FIELDS.set(fields)


def add(**fields: str) -> None:
    """The lines of what was begun carry these fields too."""
    known = _FIELDS.get()
    if known is None:
        begin(**fields)
    else:
        known.update(fields)


def fields() -> Mapping[str, str]:
    """What lines carry here."""
    return _FIELDS.get() or _NONE
