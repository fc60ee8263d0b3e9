"""GET /metrics: what this process counted, and what Redis holds at this moment."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web
from aiohttp_apispec import docs
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from app.context import CLIENT, LEDGER, SETTINGS, STANDING
from app.endpoints.documented import answered_in
from app.errors import Forbidden, LedgerAway
from app.telemetry.metrics import METRICS
from schemas.operation.part import Part
from schemas.operation.redis_state import RedisState
from schemas.operation.troubles import TroubleCode, troubles
from schemas.records import COUNTS
from schemas.scripts.gauges import Figures

log = structlog.get_logger("app.endpoints.metrics")

#: Name of each gauge, what it tells, and the field that it shows.
_GAUGES: Final = (
    ("calls_waiting_due", "Tasks that are due and wait for a limit; a campaign counts as one.", "waiting_due"),
    ("calls_waiting_later", "Tasks that are due later; a campaign counts as one.", "waiting_later"),
    ("calls_live", "Calls that count against MAX_LIVE_CALLS.", "live"),
    ("next_token_seconds", "Time until the account's next free slot.", "next_slot_seconds"),
    ("relay_backlog", "Calls with events that their client does not have yet.", "relay_backlog"),
    ("workers_alive", "Workers that consume.", "workers"),
    ("beats_alive", "Beats that tick.", "beats"),
    ("account_held", "1 while the account is held: Twilio refuses it, or call after call.", "held"),
)


#: Likewise, of what Redis says of itself.
_REDIS_GAUGES: Final = (
    ("redis_memory_bytes", "Memory that Redis uses.", "used_bytes"),
    ("redis_memory_most_bytes", "Memory that Redis may use, or its host has.", "most_bytes"),
    ("redis_file_bytes", "Size of Redis's append-only file.", "file_bytes"),
    ("redis_last_write_ok", "1 if Redis's last write to its file succeeded.", "writes"),
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What Redis holds at the moment of a scrape, and what follows from it."""

    figures: Figures
    state: RedisState | None
    parts: Sequence[Part]
    codes: frozenset[TroubleCode]


class _Shown(Collector):
    """The gauges of one scrape; without anything seen only that Redis is away."""

    def __init__(self, seen: _Seen | None) -> None:
        self._seen = seen

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """What Prometheus is told."""
        yield GaugeMetricFamily("redis_up", "1 if Redis answers this process.", value=float(self._seen is not None))
        if self._seen is None:
            return
        for name, text, field in _GAUGES:
            yield GaugeMetricFamily(name, text, value=float(getattr(self._seen.figures, field)))
        ended = CounterMetricFamily("calls_ended", "Calls that are over, by what became of them.", labels=("outcome",))
        for outcome in COUNTS[1:]:
            ended.add_metric((outcome,), self._seen.figures.ended.get(outcome, 0))
        yield ended
        for name, text, field in _REDIS_GAUGES if self._seen.state else ():
            yield GaugeMetricFamily(name, text, value=float(getattr(self._seen.state, field)))
        clock = max((abs(part.ahead_ms) for part in self._seen.parts), default=0) / 1000
        yield GaugeMetricFamily("clock_difference_seconds", "Of a part's host from Redis's, the largest.", value=clock)
        problems = GaugeMetricFamily("problem", "1 while /health names this problem.", labels=("code",))
        for code in TroubleCode:
            problems.add_metric((code,), float(code in self._seen.codes))
        yield problems


async def _seen(app: web.Application) -> _Seen:
    figures, condition, state = await asyncio.gather(
        app[LEDGER].figures(), app[LEDGER].condition(), app[STANDING].state()
    )
    found = troubles(condition, state, twilio_configured=app[SETTINGS].twilio_configured, refused=app[STANDING].refused)
    return _Seen(figures, state, condition.parts, frozenset(one.code for one in found))


@docs(
    tags=["Health"],
    summary="Metrics for Prometheus",
    description="What the answering process counted since its start, and what the store of calls holds at this moment."
    " Where there are keys, one of ADMIN_KEYS or READ_ONLY_KEYS is needed, for these are everybody's figures.",
    responses=answered_in(
        "text/plain",
        "Prometheus's text format",
        "# HELP calls_live Calls that count against MAX_LIVE_CALLS.\n# TYPE calls_live gauge\ncalls_live 3.0\n",
    ),
)
async def metrics(request: web.Request) -> web.Response:
    """What the answering process counted, and what Redis holds; without Redis the former alone."""
    settings, name = request.app[SETTINGS], request.get(CLIENT)
    if not settings.tenants.sees_figures(name):
        raise Forbidden("These are everybody's figures: a key of ADMIN_KEYS or READ_ONLY_KEYS is needed.")
    try:
        seen = await _seen(request.app)
    except LedgerAway:
        log.warning("metrics_without_redis")
        seen = None
    shown = CollectorRegistry()
    shown.register(_Shown(seen))
    body = generate_latest(request.app[METRICS].registry) + generate_latest(shown)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
