"""What one web process counts, for Prometheus."""

from typing import Final

from aiohttp import web
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
        self.relayed = Counter(
            "events_relayed_total",
            "Attempts to pass an event on to its client: delivered, kept for another attempt, given up.",
            ("outcome",),
            registry=self.registry,
        )
        self.relays_under_way = Gauge("event_relays_under_way", "Deliveries under way.", registry=self.registry)


METRICS: Final = web.AppKey("metrics", Metrics)
