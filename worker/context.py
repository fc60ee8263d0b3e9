"""What one worker process holds."""

import atexit
import signal
import sys
from dataclasses import dataclass
from functools import cache

import structlog
from celery.signals import celeryd_init, worker_process_shutdown, worker_shutdown
from redis.exceptions import RedisError

from runtime import tracing
from runtime.connections import connect
from runtime.standing.reporter import Reporter
from schemas.errors import SettingsError
from schemas.operation.part import Kind
from schemas.operation.redis_state import reason_of
from worker.application import read_settings
from worker.ledger import Ledger
from worker.settings import Settings
from worker.twilio.route import surroundings
from worker.twilio.telephone import Telephone

log = structlog.get_logger("worker.context")


@dataclass(frozen=True, slots=True)
class Context:
    """Per-process things, built by the first task that a process runs: after the pool forked, never before."""

    settings: Settings
    ledger: Ledger
    telephone: Telephone


def new_ledger(settings: Settings) -> Ledger:
    """A ledger with connections of its own."""
    return Ledger(
        connect(settings.redis_url, settings.sentinel),
        settings.limits,
        settings.timeout_seconds,
        settings.retention_days,
        settings.sentinel.replicas,
        settings.policy.name,
    )


def join(kind: Kind, settings: Settings) -> None:
    """Looks at Redis before a part starts, and says that it is there; raises SettingsError if it must not start."""
    with connect(settings.redis_url, settings.sentinel) as redis:
        try:
            Reporter(redis, kind, settings).start()
        except RedisError as error:
            log.warning("redis_not_looked_at", reason=reason_of(error))


@cache
def context() -> Context:
    """The process's context."""
    settings = read_settings()
    if not tracing.start("celery-twilio-worker", settings.otlp_endpoint):
        log.warning("tracing_not_installed", extra_wanted="tracing")
    return Context(settings, new_ledger(settings), Telephone(settings))


@celeryd_init.connect
def _check_route(**_: object) -> None:
    """A worker that could reach no Twilio, or would lose calls, ends at its start with a sentence."""
    settings = read_settings()
    try:
        surroundings(settings.api_base_url)
        join("worker", settings)
    except SettingsError as error:
        sys.exit(str(error))


@worker_process_shutdown.connect
@worker_shutdown.connect
def _stop(**_: object) -> None:
    tracing.stop()


@atexit.register
def _heed_no_more() -> None:
    """Python gives signals back to the system at its end, where one more would end it as if something had failed."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
