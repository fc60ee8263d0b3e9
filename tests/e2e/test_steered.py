"""Campaigns are steered at random instants while processes die: what was answered holds, nothing is lost or doubled."""

from pathlib import Path

from tests.e2e.steered import VERBS, under_kills

TRIES = 2


def test_after_a_pause_or_cancel_nothing_is_dialled_and_none_is_lost_or_doubled_while_processes_die(
    tmp_path: Path,
) -> None:
    result, broken = under_kills(tmp_path, TRIES, seed=3, gap_seconds=0.7, workers=("threads", "threads"))

    assert result.broken == 0, f"{result}; {dict(broken)}"
    assert set(result.in_time) == set(VERBS), f"{result}; {dict(broken)}"
    assert broken.total() > 3
