"""Under load nobody is called any more from the answer on, whichever way they opted out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.opting import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    running = Office(tmp_path, seed=1)
    try:
        yield running.start()
    finally:
        running.stack.stop()


def test_whoever_opts_out_at_a_random_instant_is_not_called_after_the_answer(office: Office) -> None:
    office.additions(12)
    office.key_presses(12)
    verdict = office.verdict()

    assert verdict.clean, str(verdict)
    assert verdict.spared > 0, str(verdict)
    assert verdict.left_before > 0, str(verdict)
