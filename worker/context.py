"""What one worker process holds."""

from dataclasses import dataclass
from functools import cache

from worker.application import read_settings
from worker.arrivals import Arrivals
from worker.connection import connect
from worker.ledger import Ledger
from worker.settings import Settings
from worker.telephone import Telephone


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
    return Context(settings, new_ledger(settings), Telephone(settings), Arrivals())
