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


def test_nor_does_a_failover_by_hand_whose_old_primary_goes_on_for_a_while(tmp_path: Path, machine: Machine) -> None:
    """As docs/operating.md tells to do it: else what it had not sent to the next primary yet is lost."""
    failover = fail_over(tmp_path, replicas=1, by_hand=True, calls=40, machine=machine)
    verdict, obedience = failover.verdict, failover.obedience

    assert (verdict.duplicates, verdict.lost, verdict.uninvited, verdict.unsettled) == (0, 0, 0, 0), str(failover)
    assert obedience.broken == 0, str(failover)
