"""A call whose message somebody revoked in Celery, as by a button of Flower, is cancelled: that is what was meant."""

from functools import cache
from typing import Any

import structlog
from celery.signals import task_revoked
from redis.exceptions import RedisError

from runtime.scripts import ScriptRunner
from schemas.messages import PLACE, task_of
from schemas.scripts.cancel import cancel
from worker.application import read_settings
from worker.context import new_ledger

log = structlog.get_logger("worker.calls.revoking")


@task_revoked.connect
def _cancel(sender: Any, request: Any, **_: object) -> None:
    """A wake-up that is revoked is like one that got lost."""
    if sender.name != PLACE:
        return
    settings = read_settings()
    script = cancel(request.id, settings.retention_days)
    try:
        cancellation, replicated = _scripts().run_replicated(script, settings.sentinel.replicas)
    except RedisError as error:  # its message counts as lost, and the next one is revoked likewise
        log.warning("revoked_call_not_cancelled", call_id=request.id, reason=type(error).__name__)
        return
    log.warning(
        "call_revoked",
        call_id=request.id,
        request_id=task_of(request.id),
        by="revoked in Celery",
        done=cancellation.done,
        replicated=replicated,
    )


@cache
def _scripts() -> ScriptRunner:
    """Of the main process, which forks no more."""
    return ScriptRunner(new_ledger(read_settings()).redis)
