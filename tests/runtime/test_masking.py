"""Phone numbers and passwords in what is written for operators."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.masking import mask_event, mask_logins, mask_number, mask_numbers


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+12025550134", "+1202…34"), ("+442071838750", "+4420…50"), ("+1234567", "+123…67"), ("+12", "+…"), ("", "…")],
)
def test_a_number_shows_its_country_and_its_end(number: str, shown: str) -> None:
    assert mask_number(number) == shown


@given(st.from_regex(r"\+[1-9]\d{1,14}", fullmatch=True))
def test_something_of_every_number_stays_hidden(number: str) -> None:
    assert len(mask_number(number)) - 1 < len(number)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to +12025550134 now", "to +1202…34 now"),
        ("GET /Calls.json?To=%2B12025550134&From=%2b15005550006", "GET /Calls.json?To=%2B12…34&From=%2b15…06"),
        ("/task-status/12025550134", "/task-status/12025…34"),
        ("{'to': '+12025550134'}", "{'to': '+1202…34'}"),
    ],
)
def test_numbers_are_masked_wherever_they_stand(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "task 3bda0123-4567-4890-8123-123456789012-17",
        "2026-11-23T17:20:09.123456+00:00",
        "CA0123456789abcdef0123456789abcdef",
        "error 21211",
        "took 1234.56 ms",
    ],
)
def test_ids_and_times_are_left_alone(text: str) -> None:
    assert mask_numbers(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Url is not valid: https://amy:s3cret@a.example/x", "Url is not valid: https://…@a.example/x"),
        ("http://amy:s3%40cret@a.example", "http://…@a.example"),
        ("https://amy:a@b@a.example/@c", "https://…@a.example/@c"),
        ("https://a:b@c.example and redis://:pass@host:6379/0", "https://…@c.example and redis://…@host:6379/0"),
        ("https://a.example/x?mail=a@b.example", "https://a.example/x?mail=a@b.example"),
        ("mail a@b.example", "mail a@b.example"),
    ],
)
def test_whoever_logs_in_at_a_url_is_masked(text: str, masked: str) -> None:
    assert mask_logins(text) == masked


def test_what_libraries_log_and_tracebacks_show_is_masked() -> None:
    told = {"_from_structlog": False, "event": "GET https://amy:s3cret@a", "exception": "at https://amy:s3cret@a"}
    assert "s3cret" not in str(mask_event(None, "info", told))
