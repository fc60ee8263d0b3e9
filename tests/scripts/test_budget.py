"""What a whole call may cost Redis."""

from pathlib import Path

from tests.benchmarks import budget


def test_a_whole_call_runs_one_script_and_each_event_writes_three_times_more_at_most_than_before_it_was_logged(
    tmp_path: Path,
) -> None:
    rows = list(budget.rows(1, tmp_path))

    assert [row for row in rows if not row.reached] == []
    assert len(rows) == 4
