"""A short run: mistakes that take little time, at a stack with some calls."""

from pathlib import Path

from tests.mistakes.course import run
from tests.mistakes.repertoire import MISTAKES

QUICK = ("a Redis that evicts", "drained, and left so", "another account's worker")


def test_each_mistake_is_named_or_refused_and_no_call_is_lost_or_dialled_twice(tmp_path: Path) -> None:
    course = run(tmp_path, 4, calls=30, campaigns=1, mistakes=QUICK, say=lambda _: None)
    verdict = course.verdict
    assert (verdict.duplicates, verdict.lost, verdict.uninvited, verdict.unsettled) == (0,) * 4, verdict
    assert verdict.created == verdict.accepted == 30
    assert {*course.named, *course.harmless} == set(QUICK)
    assert set(QUICK) < set(MISTAKES)
