"""What the workers count, for Prometheus: one page for a worker's main process and all its children."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

import structlog
from celery.signals import worker_ready
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server, values
from prometheus_client.multiprocess import MultiProcessCollector

from worker.application import read_settings

log = structlog.get_logger("worker.metrics")

# With PROMETHEUS_MULTIPROC_DIR, values that all processes of a worker share. It is looked at when the library is
# imported, and Flower, a plugin of the celery command, imports it before there is an application.
values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]

SETTLED: Final = Counter(
    "calls_settled_total",
    "Attempts to place a call: placed, deferred (it waits again), refused, in_doubt (it is looked up).",
    ("outcome", "error_class"),
)
LATENESS: Final = Histogram(
    "call_lateness_seconds",
    "How long after its slot a call's request left.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_REQUEST: Final = Histogram(
    "twilio_request_seconds",
    "Time until Twilio's answer, or until it was given up: place, find, fetch, hang_up, probe.",
    ("operation",),
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
ROUND_TRIP: Final = Gauge(
    "twilio_round_trip_seconds",
    "Smallest round trip of the last minutes; windows at Twilio's end are kept give or take half of it.",
    multiprocess_mode="livemax",
)
RESCUED: Final = Counter(
    "calls_rescued_total", "Calls that were stuck, or found at Twilio, by the state they were in.", ("state",)
)
UNKNOWN: Final = Counter("calls_unknown_total", "Calls whose outcome could not be learnt.")
WAKES: Final = Counter("wake_ups_total", "Messages by which this beat woke the workers, by what for.", ("task",))


@contextmanager
def request_timed(operation: str) -> Iterator[None]:
    """Times what is asked of Twilio in the block, whatever comes of it."""
    began = perf_counter()
    try:
        yield
    finally:
        _REQUEST.labels(operation).observe(perf_counter() - began)


def served(registry: CollectorRegistry) -> bool:
    """Whether METRICS_PORT shows these from now on, if there is such a setting; if not, the log says why."""
    settings = read_settings()
    if not settings.metrics_port:
        return True
    try:
        start_http_server(settings.metrics_port, settings.metrics_host, registry)
    except OSError as error:
        reason = error.strerror or str(error)  # of a name that nobody knows errno is no number of the system's
        log.error("metrics_not_served", host=settings.metrics_host, port=settings.metrics_port, reason=reason)
        return False
    return True


@worker_ready.connect
def _serve(**_: object) -> None:
    registry = CollectorRegistry()
    if read_settings().metrics_port:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    if not served(registry):
        raise SystemExit(1)
