"""What an answered call is told stays within Twilio's limits, whatever the message."""

from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.speech import DEFAULT_TEXT, Speech
from worker.twiml import inline_twiml

#: Inline TwiML (Twilio error 32018), one spoken text, and the same URL-encoded (Twilio error 13521).
TWIML_LIMIT_CHARACTERS = 4000
TEXT_LIMIT_CHARACTERS = 3000
ENCODED_LIMIT_CHARACTERS = 4500

ANY_TEXT = st.text(st.characters(exclude_categories=()))
HOSTILE = [
    "</Say><Dial>+15005550006</Dial><Say>",
    "<![CDATA[ <Hangup/> ]]>",
    '<!DOCTYPE x [<!ENTITY a "aaaa">]>&a;',
    "&lt;&amp;&#0;&#x1F;",
    "\0\x01\x1b[31m\x7f\x85\u2028\ufffe\uffff",
    "\ud800 lone \udfff",
    "👩‍👩‍👧‍👦" * 800,
    "नमस्ते " * 800,
    "'\"" * 2500,
    "word " * 1000,
    "&" * 5000,
    "<>" * 2500,
    "a" * 5000,
    "& < > \" ' " * 500,
    "a" * 2999 + " bc" + "d" * 100,
]


def spoken(twiml: str) -> ET.Element:
    root = ET.fromstring(twiml)
    assert root.tag == "Response"
    assert [child.tag for child in root] == ["Say", "Hangup"]
    say = root[0]
    assert len(say) == 0
    return say


def twiml_of(message: object, **metadata: object) -> str:
    return inline_twiml(Speech.of({"message": message, **metadata}))


@pytest.mark.parametrize("message", HOSTILE, ids=lambda message: ascii(message[:12]))
def test_a_hostile_message_makes_sound_twiml_within_the_limit(message: str) -> None:
    twiml = twiml_of(message)
    assert len(twiml) <= TWIML_LIMIT_CHARACTERS
    text = spoken(twiml).text or ""
    assert 0 < len(text) <= TEXT_LIMIT_CHARACTERS
    assert len(quote(text, safe="")) <= ENCODED_LIMIT_CHARACTERS


@given(message=ANY_TEXT, repeat=st.integers(1, 300), voice=ANY_TEXT, language=ANY_TEXT)
def test_any_message_makes_sound_twiml_within_the_limit(message: str, repeat: int, voice: str, language: str) -> None:
    twiml = twiml_of(message * repeat, voice=voice, language=language)
    assert len(twiml) <= TWIML_LIMIT_CHARACTERS
    text = spoken(twiml).text or ""
    assert len(text) <= TEXT_LIMIT_CHARACTERS
    assert len(quote(text, safe="")) <= ENCODED_LIMIT_CHARACTERS
    twiml.encode("utf-8")


@given(message=st.text(st.characters(codec="utf-8", categories=["L", "Nd", "Zs", "So"])), repeat=st.integers(1, 400))
def test_a_message_is_cut_between_words_only(message: str, repeat: int) -> None:
    words = (message * repeat).split()
    heard = Speech.of({"message": message * repeat}).text
    if words and len(quote(words[0], safe="")) < ENCODED_LIMIT_CHARACTERS and len(words[0]) < TEXT_LIMIT_CHARACTERS:
        assert heard.split() == words[: len(heard.split())]


@pytest.mark.parametrize("message", ["Your parcel is here.", "x" * 3000, "क" * 500, 'Tom & Jerry\'s "<3"'])
def test_a_message_within_the_limit_is_spoken_whole(message: str) -> None:
    assert spoken(twiml_of(message)).text == message


def test_a_long_message_loses_no_more_than_it_must() -> None:
    heard = Speech.of({"message": "word " * 1000}).text
    assert TEXT_LIMIT_CHARACTERS - len("word ") <= len(heard) <= TEXT_LIMIT_CHARACTERS


@pytest.mark.parametrize("metadata", [{}, {"message": ""}, {"message": " \n\t "}, {"message": "\0\x01"}])
def test_without_words_the_default_is_spoken(metadata: dict[str, object]) -> None:
    assert Speech.of(metadata).text == DEFAULT_TEXT


def test_white_space_and_control_characters_become_single_blanks() -> None:
    assert Speech.of({"message": " a\r\n\tb\0\x07c  d "}).text == "a b c d"


@pytest.mark.parametrize(("voice", "language"), [("alice", "en-US"), ("Polly.Joanna-Neural", "hi-IN")])
def test_voice_and_language_go_to_twilio(voice: str, language: str) -> None:
    say = spoken(twiml_of("Hi", voice=voice, language=language))
    assert say.attrib == {"voice": voice, "language": language}


@pytest.mark.parametrize("value", ["", "a b", '"><Dial/>', "a" * 101, "voix\n", "é", 1, None, ["alice"], {"a": 1}])
def test_a_voice_that_is_no_name_is_left_out(value: object) -> None:
    assert spoken(twiml_of("Hi", voice=value, language=value)).attrib == {}
