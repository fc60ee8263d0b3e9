"""Under load the primary is cut off and dies, and Sentinel names another: nothing is lost and nothing doubled."""

from pathlib import Path

import pytest

from tests.e2e.failover import fail_over


@pytest.mark.timeout(150)
def test_a_failover_loses_no_accepted_call_and_dials_none_twice(tmp_path: Path) -> None:
    failover = fail_over(tmp_path, replicas=1, cut_off=True)
    verdict = failover.verdict

    assert (verdict.duplicates, verdict.lost, verdict.uninvited, verdict.unsettled) == (0, 0, 0, 0), str(failover)
    assert failover.down_seconds < 10
