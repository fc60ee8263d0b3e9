"""
One trace for each task, from its HTTP request through the workers to Twilio's last callback.

Nothing happens, and nothing of OpenTelemetry is imported, before `start` is called with an endpoint.
"""

from contextlib import AbstractContextManager, nullcontext
from enum import Enum, auto
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from runtime.spans import Spans

_NOTHING: Final = nullcontext(None)
_spans: "Spans | None" = None


class Kind(Enum):
    """What a span stands for."""

    REQUEST = auto()  #: the HTTP request that makes a task: the trace begins here, or goes on from its client's
    STEP = auto()  #: a step of a task, below its request
    CALLBACK = auto()  #: the same, asked for by Twilio
    OUT = auto()  #: a request of ours to somebody else, below the current step


def start(service: str, endpoint: str) -> bool:
    """Sends spans to an OTLP/HTTP endpoint from now on, if there is one; False if the extra is not installed."""
    global _spans  # noqa: PLW0603 - a process has one way out for its spans, as it has one log
    if endpoint and _spans is None:
        if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
            return False
        spans: Spans = import_module("runtime.spans").Spans(service, endpoint)
        _spans = spans
    return True


def stop() -> None:
    """Sends what is left, in bounded time."""
    if _spans is not None:
        _spans.stop()


def active() -> bool:
    """Whether spans go anywhere."""
    return _spans is not None


def span(kind: Kind, name: str, task_id: str = "", traceparent: str = "") -> "AbstractContextManager[Span | None]":
    """
    A span around a block; None, at no cost, while there is no tracing.

    `traceparent` is where the task's trace goes on, if not at the trace that its id names.
    """
    return _NOTHING if _spans is None else _spans.span(kind, name, task_id, traceparent)


def current() -> str:
    """The current span as a `traceparent`; '' without one."""
    return "" if _spans is None else _spans.current()
