"""Under load the primary is cut off and dies, and Sentinel names another: nothing is lost, doubled or undone."""

from pathlib import Path

from tests.e2e.failover import fail_over
from tests.machine import Machine


def test_a_failover_loses_no_accepted_call_dials_none_twice_and_undoes_no_cancel_nor_drain(
    tmp_path: Path, machine: Machine
) -> None:
    failover = fail_over(tmp_path, replicas=1, cut_off=True, calls=40)
    verdict, obedience = failover.verdict, failover.obedience

    assert (verdict.duplicates, verdict.lost, verdict.uninvited, verdict.unsettled) == (0, 0, 0, 0), str(failover)
    assert obedience.broken == 0, str(failover)
    assert obedience.cancelled > 10
    assert obedience.refused > 0
    assert obedience.drained_seconds > 1
    assert machine.seconds(failover.killed, failover.named) < 20
