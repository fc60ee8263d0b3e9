"""What Prometheus is shown."""

from typing import Final

from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from app.endpoints.metrics import _GAUGES, _REDIS_GAUGES
from app.telemetry.metrics import Metrics, RequestTally
from worker.metrics import RESCUED

GAUGES: Final = {
    "redis_up",
    "clock_difference_seconds",
    "problem",
    *(name for name, _, _ in (*_GAUGES, *_REDIS_GAUGES)),
}


def _series() -> dict[str, set[str]]:
    """Every series that a web process or a worker shows -> its labels."""
    assert RESCUED._name in REGISTRY._names_to_collectors
    found: dict[str, set[str]] = {}
    for registry in (Metrics().registry, REGISTRY):
        for name, collector in registry._names_to_collectors.items():
            if isinstance(collector, MetricWrapperBase):
                found[name] = {*collector._labelnames, *(["le"] if name.endswith("_bucket") else [])}
    tally = RequestTally()
    tally.answered("GET", "/livez", 200, 0.001)
    tally.task_accepted("single")
    for family in tally.collect():
        found |= {sample.name: set(sample.labels) for sample in family.samples}
    return found | {name: set[str]() for name in GAUGES} | {"problem": {"code"}, "calls_ended_total": {"outcome"}}


SERIES: Final = _series()
