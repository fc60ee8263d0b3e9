"""The scripts against a plain model: any order of accepting, admitting, dialling, settling, cancelling and waiting."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.scripts.model import Calls


def test_no_order_of_events_breaks_a_promise(redis: Any) -> None:
    machine = type("CallsOnRedis", (Calls,), {"redis": redis})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
