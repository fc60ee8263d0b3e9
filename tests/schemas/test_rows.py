"""A row of a campaign: what is kept of one number."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.campaigns.marks import COUNT_OF_MARK, OUTCOMES, Mark, marks_of
from schemas.campaigns.rows import Row
from schemas.records import COUNTS
from schemas.states import CallOutcome

ODD = st.text('\x1c\x1d\x1e\x1f\x7f[],"\0a', max_size=6)
TEXTS = st.none() | st.text(max_size=20).filter(lambda text: not re.search("[\ud800-\udfff]", text)) | ODD
ROWS = st.builds(
    Row,
    st.from_regex(r"\A\+[1-9][0-9]{1,14}\Z"),
    TEXTS,
    st.none() | st.lists(TEXTS, max_size=3),
    TEXTS,
    st.none() | st.integers(0, 2**45),
)


@given(ROWS)
def test_a_row_is_read_as_it_was_written(row: Row) -> None:
    assert Row.unpack(row.pack()) == row


def test_a_row_of_an_earlier_build_is_read() -> None:
    row = Row("+12025550100", "crm-1", ["Ada", None], "Europe/London", 5)
    assert Row.unpack('["12025550100","crm-1",["Ada",null],"Europe/London",5]') == row


def test_a_number_alone_is_kept_as_digits_and_one_that_was_forgotten_as_nothing() -> None:
    assert Row("+12025550100").pack() == "12025550100"
    assert Row.unpack("") == Row("")


def test_what_a_later_version_adds_to_a_row_is_left_aside() -> None:
    assert Row.unpack('["12025550100","crm-1",null,null,5,"later"]') == Row("+12025550100", "crm-1", expires_ms=5)


def test_every_mark_is_one_byte_of_its_own_with_an_outcome() -> None:
    assert {len(mark.encode()) for mark in Mark} == {1}
    assert set(OUTCOMES) == set(Mark)
    assert set(OUTCOMES.values()) == set(CallOutcome)
    assert set(COUNT_OF_MARK.values()) == set(COUNTS)


@pytest.mark.parametrize(
    ("outcome", "marks"), [(CallOutcome.WAITING, "wrd"), (CallOutcome.BUSY, "b"), (CallOutcome.EXPIRED, "e")]
)
def test_the_marks_of_an_outcome_are_found(outcome: CallOutcome, marks: str) -> None:
    assert marks_of(outcome) == marks
