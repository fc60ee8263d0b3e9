"""Facts as explain.lua tells them."""

import pytest

from schemas.errors import RecordError
from schemas.waiting import Facts


def test_numbers_are_read_in_every_form_that_redis_gives_a_score() -> None:
    facts = Facts("x", ["later_ms", "1.79e+12", "ahead", "3", "due_ms", "1790000000000.4"])
    assert (facts.later_ms, facts.ahead, facts.due_ms) == (1_790_000_000_000, 3, 1_790_000_000_000)


def test_what_was_not_told_is_zero_or_empty() -> None:
    facts = Facts("x", ["state", "waiting"])
    assert (facts.state, facts.campaign, facts.workers, facts.numbers) == ("waiting", "", 0, 0)


def test_a_number_that_is_none_is_damage() -> None:
    with pytest.raises(RecordError, match="record of task x is damaged"):
        Facts("x", ["due_ms", "soon"])
