"""Included by a worker: on SIGUSR2 its event loop goes on, but fetches nothing any more (as in kombu issue 2492)."""

import signal
from typing import Any

from celery.signals import worker_ready


def _prepare(sender: Any, **_: object) -> None:
    signal.signal(signal.SIGUSR2, lambda *_: sender.hub.on_tick.clear())


worker_ready.connect(_prepare)
