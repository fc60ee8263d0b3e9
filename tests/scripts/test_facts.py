"""Facts as explain.lua tells them."""

import re
from importlib.resources import files

import pytest

from schemas.errors import RecordError
from schemas.scripts.explain import Facts


def test_numbers_are_read_in_every_form_that_redis_gives_a_score() -> None:
    facts = Facts.read("x", ["later_ms", "1.79e+12", "ahead", "3", "due_ms", "1790000000000.4"])
    assert (facts.later_ms, facts.ahead, facts.due_ms) == (1_790_000_000_000, 3, 1_790_000_000_000)


def test_what_was_not_told_is_zero_or_empty() -> None:
    facts = Facts.read("x", ["state", "waiting"])
    assert (facts.state, facts.campaign, facts.workers, facts.numbers) == ("waiting", "", 0, 0)


def test_a_number_that_is_none_is_damage() -> None:
    with pytest.raises(RecordError, match="record of task x is damaged"):
        Facts.read("x", ["due_ms", "soon"])


@pytest.mark.parametrize(("field", "value"), [("due_sm", "1"), ("hold_raeson", "Account is not active")])
def test_a_misspelt_field_is_a_surprise_and_no_damage(field: str, value: str) -> None:
    with pytest.raises(TypeError, match=field):
        Facts.read("x", ["state", "waiting", field, value])


def test_the_script_tells_every_fact_and_no_other() -> None:
    folder = files("schemas.scripts")
    text = "".join(
        folder.joinpath(name).read_text("utf-8")
        for name in ("explain.lua", "shared/reasons.lua", "shared/numbers.lua", "shared/obstacles.lua")
    )
    assert set(re.findall(r"\btell\('(\w+)'", text)) == set(Facts._fields)
