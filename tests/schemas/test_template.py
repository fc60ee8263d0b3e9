"""Variables and pauses in what is spoken."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.endpoints.twiml import spoken
from schemas.options.recorded import CallOptions
from schemas.spoken.speech import DEFAULT_TEXT, Speech, Twiml
from schemas.spoken.template import Pause, fault, filled
from worker.twilio.twiml import inline_twiml

VALUES = {"name": "Ada", "_x1": "7", "empty": ""}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("no variable", ["no variable"]),
        ("Hello {{name}}!", ["Hello Ada!"]),
        ("{{ name }}{{\tname}}{{name }}", ["AdaAdaAda"]),
        ("{{_x1}}-{{empty}}-", ["7--"]),
        ("{{{{name}}", ["{{name}}"]),
        ("{{{{{{name}}", ["{{Ada"]),
        ("a{{pause 2}}b{{ pause 10 }}", ["a", Pause(2), "b", Pause(10), ""]),
        ("} }} { {name}", ["} }} { {name}"]),
    ],
)
def test_variables_pauses_and_braces_are_read(text: str, pieces: list[Any]) -> None:
    assert fault(text, VALUES) is None
    assert list(filled(text, VALUES)) == pieces


@pytest.mark.parametrize(
    "text",
    ["{{", "{{}}", "{{ }}", "{{na me}}", "{{1st}}", "{{pause}}", "{{pause 0}}", "{{pause 11}}", "{{name", "{{{name}}}"],
)
def test_braces_that_mean_nothing_are_a_fault_and_are_spoken_as_they_stand_if_they_were_accepted_before(
    text: str,
) -> None:
    assert "{{ and }}" in str(fault(text, VALUES))
    assert "".join(map(str, filled(text, {}))) == text


def test_a_missing_variable_is_named_with_whose_it_is_not() -> None:
    assert fault("Hi {{nobody}}", VALUES) == "Must name only variables that are given: variables has no nobody."
    sentence = fault("Hi {{nobody}}", VALUES, "+12025550100")
    assert sentence == "Must name only variables that are given: variables of +12025550100 has no nobody."
    assert list(filled("Hi {{nobody}}", VALUES)) == ["Hi {{nobody}}"]


@given(value=st.text(st.characters(exclude_categories=())))
def test_what_stands_for_a_variable_is_never_read_as_a_template_or_as_markup(value: str) -> None:
    hostile = "{{name}}{{pause 2}}</Say><Hangup/>" + value
    assert list(filled("a{{name}}b", {"name": hostile})) == [f"a{hostile}b"]
    speech = Speech.of({"message": "a {{name}} b"}, variables={"name": hostile})
    for twiml in (inline_twiml(speech), spoken(speech, "https://calls.example/")):
        assert twiml.count("<Hangup") == 1
        assert "<Pause" not in twiml


def test_a_pause_is_silence_between_what_is_said() -> None:
    speech = Speech.of({"message": "One. {{pause 3}} Two, {{name}}."}, variables=VALUES)
    said = '<Response><Say>One.</Say><Pause length="3" /><Say>Two, Ada.</Say><Hangup /></Response>'
    assert inline_twiml(speech).endswith(said)
    assert spoken(speech, "https://calls.example/").endswith(said)


@pytest.mark.parametrize("message", ["{{empty}}", "{{pause 2}}", " {{empty}} {{pause 1}}"])
def test_a_message_without_a_word_is_the_default_one(message: str) -> None:
    assert Speech.of({"message": message}, variables=VALUES).pieces == (DEFAULT_TEXT,)


def test_pauses_count_towards_what_twilio_takes() -> None:
    speech = Speech.of({"message": "a{{pause 10}}" * 100})
    assert speech.most_characters(Twiml.INLINE) is not None
    assert len(inline_twiml(Speech.of({"message": "a{{pause 10}}" * 60}))) <= Twiml.INLINE.value[0]


@pytest.mark.parametrize("packed", ["3", '{"a": 1}', "{"])
def test_damaged_variables_are_no_record(packed: str) -> None:
    with pytest.raises(ValueError, match=r"object|Expecting"):
        CallOptions.read({"variables": packed})


def test_a_record_of_an_earlier_version_has_no_options() -> None:
    assert CallOptions.read({"kind": "single"}) == CallOptions()
