"""A worker's pulse: what /health counts."""

import os
import threading
from typing import Any, Final

import structlog
from celery.signals import worker_ready, worker_shutting_down
from redis.exceptions import RedisError

from worker.application import read_settings
from worker.context import new_ledger

log = structlog.get_logger("worker.pulse")

PULSE_SECONDS: Final = 2.0
_stopped: Final = threading.Event()


@worker_ready.connect
def _start(sender: Any, **_: object) -> None:
    name = f"{sender.hostname}/{os.getpid()}"
    threading.Thread(target=_beat, args=(name,), name="pulse", daemon=True).start()


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    _stopped.set()


def _beat(name: str) -> None:
    ledger = new_ledger(read_settings())
    leaving = False
    while not leaving:
        leaving = _stopped.is_set()
        try:
            ledger.pulse(name, leaving=leaving)
        except RedisError as error:
            log.warning("pulse_missed", reason=type(error).__name__)
        if not leaving:
            _stopped.wait(PULSE_SECONDS)
