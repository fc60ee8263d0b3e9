"""Spans of OpenTelemetry. A task's trace has the task's id, so no process must be told it, and nothing is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
    use_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from runtime.tracing import Kind

_KINDS: Final = {
    Kind.REQUEST: SpanKind.SERVER,
    Kind.STEP: SpanKind.CONSUMER,
    Kind.CALLBACK: SpanKind.SERVER,
    Kind.OUT: SpanKind.CLIENT,
}
#: So that a collector that hangs does not keep a process from ending.
_EXPORT_SECONDS: Final = 3
_PROPAGATOR: Final = TraceContextTextMapPropagator()
_new_task: ContextVar[UUID | None] = ContextVar("new_task", default=None)


class Spans:
    """Makes spans and sends them."""

    def __init__(self, service: str, endpoint: str) -> None:
        exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=_EXPORT_SECONDS)
        self._provider = TracerProvider(
            # Which of them are kept is for the collector to decide: it sees whole traces.
            sampler=ParentBased(ALWAYS_ON),
            resource=Resource.create({"service.name": service}),
            id_generator=_TaskIds(),
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
        self._tracer = self._provider.get_tracer("celery-twilio-api")

    def stop(self) -> None:
        """Sends what is left, in bounded time."""
        self._provider.shutdown()

    @contextmanager
    def span(self, kind: Kind, name: str, task_id: str, traceparent: str) -> Iterator[Span]:
        """See tracing.span."""
        token = _new_task.set(_uuid(task_id) if kind is Kind.REQUEST else None)
        try:
            span = self._tracer.start_span(name, _parent(kind, task_id, traceparent), _KINDS[kind])
        finally:
            _new_task.reset(token)
        # An exception's own words may hold a phone number, so only that there was one is told.
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except Exception:
                span.set_status(StatusCode.ERROR)
                raise

    def current(self) -> str:
        """See tracing.current."""
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)
        return carrier.get("traceparent", "")


class _TaskIds(RandomIdGenerator):
    """The request that makes a task gets ids that every process can tell from the task's; the rest is random."""

    def generate_trace_id(self) -> int:
        task = _new_task.get()
        return super().generate_trace_id() if task is None else task.int

    def generate_span_id(self) -> int:
        task = _new_task.get()
        return super().generate_span_id() if task is None else _root_id(task)


def _parent(kind: Kind, task_id: str, traceparent: str) -> Context | None:
    """What a span is below of; None: of the current one."""
    if kind is Kind.OUT:
        return None
    if traceparent:
        return _PROPAGATOR.extract({"traceparent": traceparent}, Context())
    task = _uuid(task_id)
    if kind is Kind.REQUEST or task is None:
        return Context()
    root = SpanContext(task.int, _root_id(task), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(root), Context())


def _uuid(task_id: str) -> UUID | None:
    try:
        return UUID(task_id)
    except ValueError:
        return None


def _root_id(task: UUID) -> int:
    return task.int & 0xFFFF_FFFF_FFFF_FFFF
