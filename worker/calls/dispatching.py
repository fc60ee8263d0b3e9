"""Admitting calls and telling the workers about them."""

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from schemas.messages import task_of
from worker.ledger import Ledger

log = structlog.get_logger("worker.calls.dispatching")

#: Calls admitted by one script run: bounded, so that Redis is never busy for long.
BATCH: Final = 50


def dispatch(ledger: Ledger, publish: Callable[[Sequence[str]], None]) -> int:
    """Admits what may go now and publishes it in batches; returns how many. What is not published is rescued later."""
    count = 0
    while True:
        admitted = ledger.admit(BATCH)
        for call_id in admitted:
            log.debug("call_admitted", call_id=call_id, request_id=task_of(call_id))
        if admitted:
            publish(admitted)
        count += len(admitted)
        if len(admitted) < BATCH:
            return count
