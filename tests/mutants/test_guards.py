"""Each guard can be taken out: it stands in its file as it did, and its tests are there."""

import pytest

from tests.mutants.guards import GUARDS, Guard
from tests.processes import ROOT


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: f"{guard.file} {guard.piece.strip()[:30]}")
def test_a_guard_stands_in_its_file_once_and_its_tests_are_there(guard: Guard) -> None:
    assert (ROOT / guard.file).read_text("utf-8").count(guard.piece) == 1
    assert guard.piece != guard.instead
    assert guard.tests
    assert [test for test in guard.tests if not (ROOT / test).is_file()] == []
