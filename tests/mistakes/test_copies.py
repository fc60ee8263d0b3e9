"""A short run of tests.mistakes.copies: the machine is lost some seconds after a backup that was made under load."""

from pathlib import Path

from tests.mistakes.copies import run


def test_what_was_accepted_before_a_copy_is_there_and_nothing_is_dialled_twice(tmp_path: Path) -> None:
    course = run(tmp_path, 4, rate=40, seconds=2, say=lambda _: None)
    assert course.well, course
    assert course.before > 0
    assert course.in_doubt > 0, course
    assert course.commands == 4
