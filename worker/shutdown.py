"""SIGTERM or SIGINT: a worker takes nothing new and finishes what it has, but ends in time whatever Twilio does."""

import os
import signal
import threading
import time
from typing import Final

import structlog
from billiard.process import active_children
from celery.signals import worker_ready, worker_shutting_down
from celery.worker import state

log = structlog.get_logger("worker.shutdown")

#: Orchestrators kill after ten seconds, and then nobody says that a request was left open.
SHUTDOWN_SECONDS: Final = 9.0


@worker_ready.connect
def _end_alike(**_: object) -> None:
    """Celery would end with 1 on SIGINT, as if something had failed."""
    signal.signal(signal.SIGINT, signal.getsignal(signal.SIGTERM))


@worker_shutting_down.connect
def _limit(**_: object) -> None:
    threading.Thread(target=_end, name="shutdown", daemon=True).start()


def _end() -> None:
    """A call whose request is cut off stays `dialling`: another worker looks it up, and nobody dials it again."""
    time.sleep(SHUTDOWN_SECONDS)
    log.warning("shutdown_cut_off", tasks=len(state.active_requests))
    for child in active_children():
        os.kill(child.pid, signal.SIGKILL)
    os._exit(0)
