"""What one web process counts, for Prometheus."""

from bisect import bisect_left
from collections import Counter as Count
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from aiohttp import web
from aiohttp.hdrs import METH_ALL
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

#: Upper bounds of the histogram's buckets, in seconds: those that prometheus_client takes by default.
_BOUNDS_SECONDS: Final = Histogram.DEFAULT_BUCKETS


class RequestTally(Collector):
    """
    Requests and the tasks that they make, in plain numbers: each passes here, and prometheus_client's own counters take
    four times as long.
    """

    def __init__(self) -> None:
        self._accepted: Count[str] = Count()
        self._answers: Count[tuple[str, str, int]] = Count()
        self._seconds: dict[str, _Times] = defaultdict(_Times)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request."""
        self._answers[method if method in METH_ALL else "other", route, status] += 1
        times = self._seconds[route]
        times.total_seconds += seconds
        times.buckets[bisect_left(_BOUNDS_SECONDS, seconds)] += 1

    def task_accepted(self, kind: str) -> None:
        """Counts one task."""
        self._accepted[kind] += 1

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        """What Prometheus is told."""
        answers = CounterMetricFamily("http_requests", "Requests answered.", labels=("method", "route", "status"))
        for (method, route, status), count in self._answers.items():
            answers.add_metric((method, route, str(status)), count)
        yield answers
        accepted = CounterMetricFamily("tasks_accepted", "Tasks accepted.", labels=("kind",))
        for kind, count in self._accepted.items():
            accepted.add_metric((kind,), count)
        yield accepted
        seconds = HistogramMetricFamily("http_request_seconds", "Time until the answer.", labels=("route",))
        for route, times in self._seconds.items():
            buckets = zip(map(floatToGoString, _BOUNDS_SECONDS), accumulate(times.buckets), strict=True)
            seconds.add_metric((route,), list(buckets), times.total_seconds)
        yield seconds


class _Times:
    """How long requests took: how many up to each bound, but above the one before."""

    __slots__ = ("buckets", "total_seconds")

    def __init__(self) -> None:
        self.buckets = [0] * len(_BOUNDS_SECONDS)
        self.total_seconds = 0.0


class Metrics:
    """The metrics of one web process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = RequestTally()
        self.registry.register(self.requests)
        self.relayed = Counter(
            "events_relayed_total",
            "Attempts to pass an event on to its client: delivered, kept for another attempt, given up.",
            ("outcome",),
            registry=self.registry,
        )
        self.webhooks_refused = Counter(
            "webhooks_refused_total",
            "Posts that were not signed by Twilio, or not about our call.",
            registry=self.registry,
        )
        self.relays_under_way = Gauge("event_relays_under_way", "Deliveries under way.", registry=self.registry)


METRICS: Final = web.AppKey("metrics", Metrics)
