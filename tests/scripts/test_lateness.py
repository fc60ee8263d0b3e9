"""clock.lua, admit.lua and begin.lua together: an instant that is known before finds the call ready to leave."""

import time

from schemas.lua.facts import WAKE_US
from schemas.scripts.begin import Go, Wait
from tests.scripts.conftest import Store


def test_a_call_that_is_due_later_is_at_a_worker_when_it_is_due(store: Store) -> None:
    """Beat and the worker sleep for real, as long as they are told: what the steps take on top is the machine's."""
    began = time.monotonic()
    call = store.call(delay_ms=300)
    slept = [store.ledger.clock("beat").sleep_seconds]
    time.sleep(slept[0])

    assert store.ledger.clock("beat").dispatch
    assert store.ledger.admit(50) == [call]
    permission = store.ledger.begin(call, "attempt")
    if isinstance(permission, Wait):
        slept.append(permission.seconds)
        time.sleep(permission.seconds)
        permission = store.ledger.begin(call, "attempt")
    assert isinstance(permission, Go)
    late_us = int(store.task(call)["leaves_us"]) - int(store.task(call)["due_ms"]) * 1000
    took_us = (time.monotonic() - began - sum(slept)) * 1e6 + 1000  # and what is lost in whole milliseconds

    assert abs(300_000 - slept[0] * 1e6 - WAKE_US) <= took_us
    assert -1000 <= late_us <= took_us
