"""The fast reader of JSON reads just what the standard library's strict one does, and refuses in its words."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidRequest
from app.http.body.strict_json import parse_json

ODD = [
    "-0", "-0.0", "1E5", "1e400", "0.1e-400", "4.9e-324", "9007199254740993", "123456789012345678",
    "1234567890123456789", "18446744073709551615", "18446744073709551616", "-9223372036854775809",
    "123456789012345678901234567890", "12345678901234567890.5", "[1, 2]", '{"a": 1, "a": 2}', '"\\ud800"',
    '"\\ud83d\\ude00"', '"\\u0000"', '"\x7f"', '"\\/"', " true\n", "\u00a0true",
]  # fmt: skip
WRONG = [
    "01",
    "1.",
    ".5",
    "+1",
    "[1,]",
    "\ufeff\ufeff1",
    "1\ufeff",
    '"\t"',
    "nul",
    "'a'",
    "NaN",
    "-Infinity",
    "{1: 2}",
    "",
    "1 2",
]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def strictly(text: str) -> Any:
    def refuse(name: str) -> None:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_whatever_json_holds_is_read_alike(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert repr(parse_json(text.encode())) == repr(strictly(text))


@pytest.mark.parametrize("text", ODD)
def test_odd_numbers_and_strings_are_read_alike(text: str) -> None:
    try:
        expected = repr(strictly(text))
    except ValueError:
        with pytest.raises(InvalidRequest):
            parse_json(text.encode())
    else:
        assert repr(parse_json(text.encode())) == expected


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_json_is_refused_with_the_standard_librarys_reason(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_json(text.encode())
    with pytest.raises(ValueError) as reason:  # noqa: PT011 - its text is looked at below
        strictly(text)
    expected = getattr(reason.value, "msg", "is not a JSON number")
    assert expected in refused.value.detail


def test_half_of_a_surrogate_pair_and_bytes_that_are_no_utf8() -> None:
    assert parse_json(b'"\\ud800"') == "\ud800"
    with pytest.raises(InvalidRequest, match="not UTF-8 at byte 1"):
        parse_json(b'"\xff"')
