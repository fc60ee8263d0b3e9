"""What one worker process holds."""

from dataclasses import dataclass
from functools import cache

import structlog
from celery.signals import worker_process_shutdown, worker_shutdown

import tracing
from worker.application import read_settings
from worker.arrivals import Arrivals
from worker.connection import connect
from worker.ledger import Ledger
from worker.settings import Settings
from worker.telephone import Telephone

log = structlog.get_logger("worker.context")


@dataclass(frozen=True, slots=True)
class Context:
    """Per-process things, built by the first task that a process runs: after the pool forked, never before."""

    settings: Settings
    ledger: Ledger
    telephone: Telephone
    arrivals: Arrivals


def new_ledger(settings: Settings) -> Ledger:
    """A ledger with connections of its own."""
    return Ledger(
        connect(settings.redis_url, settings.sentinel),
        settings.limits,
        settings.timeout_seconds,
        settings.retention_days,
        settings.sentinel.replicas,
    )


@cache
def context() -> Context:
    """The process's context."""
    settings = read_settings()
    if not tracing.start("celery-twilio-worker", settings.otlp_endpoint):
        log.warning("tracing_not_installed", extra_wanted="tracing")
    return Context(settings, new_ledger(settings), Telephone(settings), Arrivals())


@worker_process_shutdown.connect
@worker_shutdown.connect
def _stop(**_: object) -> None:
    tracing.stop()
