"""What is said beside a refusal: how it would be right, and never more of a client's words than a sentence bears."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.hints.moment import moment_hint
from schemas.hints.nearest import nearest
from schemas.hints.number import number_hint
from schemas.hints.seen import seen
from schemas.hints.shown import MOST_CHARACTERS, shown
from schemas.hints.zone import zone_hint
from schemas.moment import MOMENT, NOT_A_MOMENT

KEYS = ("message", "voice", "language", "priority", "machine_detection", "gather_input")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("mesage", "message"),
        ("messages", "message"),
        ("massage", "message"),
        ("mesasge", "message"),
        ("Message", "message"),
        ("VOICE", "voice"),
        ("gatherInput", "gather_input"),
        ("gather-input", "gather_input"),
        ("machine detection", "machine_detection"),
        ("message", None),
        ("text", None),
        ("prioritees", None),
        ("mseasge", None),
        ("", None),
    ],
)
def test_a_word_that_is_one_slip_off_is_recognised_and_no_other(word: str, meant: str | None) -> None:
    assert nearest(word, KEYS) == meant


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2026-11-27 9:00", "the hour wants two digits: 2026-11-27T09:00:00"),
        ("2026-1-5 9:5:7Z", "the month and the day and the hour and the minute and the second want two digits: "),
        ("2026-1-5T09:00:00+01:00", "the month and the day want two digits: 2026-01-05T09:00:00+01:00"),
        ("2026-11-27", "a time is missing: 2026-11-27T09:00:00"),
        ("2026-02-30", "there is no such day"),
        ("2026-02-30T09:00:00Z", "there is no such day or time"),
        ("2026-11-27T25:00", "there is no such day or time"),
        ("9999-12-31T23:59:59-14:00", "there is no such day or time"),
        ("0001-01-01T00:00:00+14:00", "there is no such day or time"),
        ("2026-11-27  09:00", "meant is perhaps 2026-11-27T09:00:00"),
        ("2026-11-27 9:00 PM", "hours go from 00 to 23, without am or pm"),
        ("27/11/2026 09:00", "the year comes first, then month and day, with hyphens between them"),
        ("1795770000", "seconds since 1970 are not taken"),
        ("tomorrow", ""),
        ("9" * 10_000, ""),
    ],
    ids=lambda text: text[:20],
)
def test_what_a_time_lacks_is_told_with_how_it_would_be_right(text: str, hint: str) -> None:
    told = moment_hint(text)
    assert told.startswith(hint)
    assert bool(told) == bool(hint)


@given(text=st.from_regex(r"\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{1,2}(:\d{1,2})?Z?", fullmatch=True))
def test_a_time_that_is_proposed_is_one_that_is_taken(text: str) -> None:
    _, colon, proposed = moment_hint(text).rpartition("digits: ")
    assert not colon or MOMENT.fullmatch(proposed)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("+1 (202) 555-0100", 'without blanks, hyphens and brackets it is "+12025550100"'),
        ("+12025550100.0", "what stands behind the point is no part of a number"),
        ("+44 (0)20 7946 0000", 'without blanks, hyphens and brackets it is "+442079460000"'),
        ("\u202a+1 202-555-0100\u202c", 'without blanks, hyphens and brackets it is "+12025550100"'),
        ("0044 20 7946 0000", '00 is written as +: "+442079460000"'),
        ("2025550100", "+ and the country code are missing in front"),
        ("+02025550100", "no country code begins with 0"),
        ("+1234567890123456", "it has more than 15 digits"),
        ("alice", ""),
        ("+1202555010x", ""),
        ("٣" * 10, ""),
    ],
)
def test_what_a_number_lacks_is_told(text: str, hint: str) -> None:
    assert number_hint(text) == hint


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("america/new_york", "America/New_York"),
        ("New York", "America/New_York"),
        ("Eastern Time", "America/New_York"),
        ("PST", "America/Los_Angeles"),
        ("berlin", "Europe/Berlin"),
        ("Mars/Olympus", ""),
    ],
)
def test_the_zone_that_was_meant_is_named(text: str, zone: str) -> None:
    assert zone_hint(text) == (f"meant is perhaps {zone}" if zone else "")


@given(value=st.text(max_size=200))
def test_no_more_than_forty_characters_are_repeated_and_none_that_cannot_be_seen(value: str) -> None:
    inner = shown(value)[1:-1]
    assert len(inner) <= MOST_CHARACTERS
    assert inner.isprintable()
    assert len(value) > MOST_CHARACTERS or len(inner) == len(value)


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "null"), (True, "true"), (10.5, "10.5"), ([1, 2], "a list of 2"), ({}, "an object"), (1e400, "Infinity")],
)
def test_what_is_no_text_is_shown_as_json_has_it(value: object, told: str) -> None:
    assert shown(value) == told


@given(value=st.one_of(st.text(), st.integers(), st.lists(st.text()), st.none()))
@pytest.mark.parametrize("name", ["webhook_url", "status_callback_url", "auth_token", "a.password"])
def test_of_what_may_hold_a_secret_nothing_is_repeated(name: str, value: object) -> None:
    secret = f"https://user:{value}@x.example/hooks/{value}"
    for sentence in (NOT_A_MOMENT, "Must be an absolute http or https URL.", "Must be a string."):
        assert "user" not in seen(name, sentence, secret)
        assert len(seen(name, sentence, value)) < MOST_CHARACTERS


@given(
    value=st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=80)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
        max_leaves=5,
    )
)
@pytest.mark.parametrize(
    "sentence",
    [
        "Phone number must be in E.164 format (e.g., +1234567890)",
        "Must be an ISO 8601 date and time (e.g., 2030-01-15T14:00:00Z).",
        "Must be a date and time with a UTC offset or Z (e.g., 2030-01-15T14:00:00Z).",
        "Must be a time of day (e.g., 09:00).",
        "Must be a date (e.g., 2030-12-25).",
        "Must be an IANA time zone (e.g., America/New_York).",
        "Must be a whole number from 0 to 3600.",
        "Must be 1 to 200 characters long.",
    ],
)
def test_whatever_a_client_sends_gets_a_short_phrase(sentence: str, value: object) -> None:
    phrase = seen("field", sentence, value)
    assert len(phrase) < 160
    assert phrase.isprintable()
