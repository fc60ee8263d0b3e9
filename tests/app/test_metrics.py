"""The tally of requests tells Prometheus what its own counters would."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from app.telemetry.metrics import RequestTally

REQUESTS = [
    ("GET", "/livez", 200, 0.0),
    ("GET", "/livez", 200, 0.005),
    ("GET", "/livez", 503, 0.0051),
    ("POST", "/a", 200, 0.3),
    ("POST", "/a", 200, 60.0),
]


def lines(registry: CollectorRegistry) -> set[str]:
    """Without the times at which series began, which the tally does not tell."""
    return {line for line in generate_latest(registry).decode().splitlines() if "_created" not in line}


def test_it_tells_the_same_as_counters_and_histograms_of_prometheus() -> None:
    ours, theirs, tally = CollectorRegistry(), CollectorRegistry(), RequestTally()
    ours.register(tally)
    labels = ("method", "route", "status")
    requests = Counter("http_requests_total", "Requests answered.", labels, registry=theirs)
    seconds = Histogram("http_request_seconds", "Time until the answer.", ("route",), registry=theirs)
    for method, route, status, took in REQUESTS:
        tally.answered(method, route, status, took)
        requests.labels(method, route, status).inc()
        seconds.labels(route).observe(took)

    assert lines(ours) == lines(theirs)


def test_methods_that_nobody_knows_share_one_series() -> None:
    tally = RequestTally()
    for method in ("BREW", "POUR"):
        tally.answered(method, "none", 405, 0.1)
    requests, _ = tally.collect()
    assert [(sample.labels["method"], sample.value) for sample in requests.samples] == [("other", 2)]
