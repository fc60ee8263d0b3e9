"""GET /metrics: what this process counted, and what Redis holds at this moment."""

from collections.abc import Iterator
from typing import Final

import structlog
from aiohttp import web
from aiohttp_apispec import docs
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily
from prometheus_client.registry import Collector

from app.context import LEDGER
from app.documentation import answered_in
from app.errors import LedgerAway
from app.ledger import Figures
from app.metrics import METRICS

log = structlog.get_logger("app.scrape")

#: Name of each gauge, what it tells, and the field that it shows.
_GAUGES: Final = (
    ("calls_waiting_due", "Tasks that are due and wait for a limit; a campaign counts as one.", "waiting_due"),
    ("calls_waiting_later", "Tasks that are due later; a campaign counts as one.", "waiting_later"),
    ("calls_live", "Calls that count against MAX_LIVE_CALLS.", "live"),
    ("next_token_seconds", "Time until the account's next free slot.", "next_slot_seconds"),
    ("relay_backlog", "Calls with events that their client does not have yet.", "relay_backlog"),
    ("workers_alive", "Workers that consume.", "workers"),
    ("beats_alive", "Beats that tick.", "beats"),
    ("account_halted", "1 while Twilio refuses the account.", "halted"),
)


class _Shown(Collector):
    """The gauges of one scrape; without figures only that Redis is away."""

    def __init__(self, figures: Figures | None) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What Prometheus is told."""
        yield GaugeMetricFamily("redis_up", "1 if Redis answers this process.", value=float(self._figures is not None))
        if self._figures is not None:
            for name, text, field in _GAUGES:
                yield GaugeMetricFamily(name, text, value=float(getattr(self._figures, field)))


@docs(tags=["Health"], summary="Metrics for Prometheus", responses=answered_in("text/plain", "Text format"))
async def metrics(request: web.Request) -> web.Response:
    """What the answering process counted, and what Redis holds; without Redis the former alone."""
    try:
        figures = await request.app[LEDGER].figures()
    except LedgerAway:
        log.warning("metrics_without_redis")
        figures = None
    shown = CollectorRegistry()
    shown.register(_Shown(figures))
    body = generate_latest(request.app[METRICS].registry) + generate_latest(shown)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
