"""What one web process counts, for Prometheus."""

from typing import Final

from aiohttp import web
from aiohttp.hdrs import METH_ALL
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The metrics of one web process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests_total", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "http_request_seconds", "Time until the answer.", ("route",), registry=self.registry
        )
        self.accepted = Counter("tasks_accepted_total", "Tasks accepted.", ("kind",), registry=self.registry)
        self._accepted: dict[str, Counter] = {}
        self.relayed = Counter(
            "events_relayed_total",
            "Attempts to pass an event on to its client: delivered, kept for another attempt, given up.",
            ("outcome",),
            registry=self.registry,
        )
        self.relays_under_way = Gauge("event_relays_under_way", "Deliveries under way.", registry=self.registry)
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request. To find a metric by its labels costs more than to count, so it is done once."""
        if method not in METH_ALL:
            method = "other"
        known = self._known.get((method, route, status))
        if known is None:
            known = self.requests.labels(method, route, status), self.request_seconds.labels(route)
            self._known[method, route, status] = known
        requests, request_seconds = known
        requests.inc()
        request_seconds.observe(seconds)

    def task_accepted(self, kind: str) -> None:
        """Counts one task."""
        known = self._accepted.get(kind)
        if known is None:
            known = self._accepted[kind] = self.accepted.labels(kind)
        known.inc()


METRICS: Final = web.AppKey("metrics", Metrics)
