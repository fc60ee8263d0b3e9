"""Who only reads what happened to a task has all that a receiver gets, whatever becomes of Twilio's callbacks."""

from pathlib import Path

from tests.e2e.lives import Lives


def test_who_only_reads_events_has_what_a_perfect_receiver_gets_each_once_and_each_calls_in_order(
    tmp_path: Path,
) -> None:
    with Lives(tmp_path, seed=5) as lives:
        lives.live(6)

        assert lives.differences() == []
        assert all([event["n"] for event in life.read] == list(range(1, len(life.read) + 1)) for life in lives.lives)
        assert set(lives.faults()) == {"callback_drop", "callback_double", "callback_reorder", "callback_late"}
