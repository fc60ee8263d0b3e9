"""What Prometheus is told: of requests as its own counters would, and what an operator looks for."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from app.telemetry.metrics import RequestTally
from runtime.scripts import ScriptRunner
from schemas.limits import Limits
from schemas.operation.part import Part, report
from tests.app.client import STATUS, Client
from tests.app.twilio import event, post
from tests.scripts.conftest import Store

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
    accepted = Counter("tasks_accepted_total", "Tasks accepted.", ("kind",), registry=theirs)
    for kind in ("single", "bulk", "single"):
        tally.task_accepted(kind)
        accepted.labels(kind).inc()
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
    requests, *_ = tally.collect()
    assert [(sample.labels["method"], sample.value) for sample in requests.samples] == [("other", 2)]


async def test_what_an_operator_looks_for_has_its_value(public: Client, store: Store) -> None:
    for number, (sid, status) in enumerate([("CA1", "completed"), ("CA2", "busy"), ("CA3", "busy")]):
        call = store.placed(f"+1202555010{number}", sid)
        store.callback(call, status)
        store.pass_time(1)
    ScriptRunner(store.redis).run(report(Part("other-host/7", "worker", -120_000, {}), Limits(1, 30, 50), ""))
    assert (await post(public, STATUS, event(1), signature="forged"))[0] == 403
    shown = dict(line.rsplit(" ", 1) for line in (await public.ask("GET", "/metrics")).text.splitlines())
    told = store.redis.info()

    assert float(shown["webhooks_refused_total"]) == 1
    assert float(shown['calls_ended_total{outcome="completed"}']) == 1
    assert float(shown['calls_ended_total{outcome="busy"}']) == 2
    assert float(shown["clock_difference_seconds"]) == 120
    assert 0.5 < float(shown["redis_memory_bytes"]) / told["used_memory"] < 2
    assert float(shown["redis_file_bytes"]) > 0
    assert float(shown["redis_last_write_ok"]) == 1
    assert float(shown["redis_memory_most_bytes"]) == (told["maxmemory"] or told["total_system_memory"])
