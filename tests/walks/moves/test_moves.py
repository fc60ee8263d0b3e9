"""Whatever order scripts come in, twice or late: all that Redis holds agrees, and in the end all is over."""

from typing import Any

import pytest

from tests.walks.moves.course import drawn, walk


@pytest.mark.parametrize("seed", [102, 302])
def test_no_moves_find_a_fault(redis: Any, seed: int) -> None:
    walk(redis, drawn(redis, seed, 80))
