"""What an answered call is told is all of the message, in pieces that Twilio speaks."""

from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.endpoints.twiml import spoken as fetched_twiml
from schemas.spoken.speech import DEFAULT_TEXT, Speech, Twiml, unspeakable
from worker.twilio.twiml import inline_twiml

#: Inline TwiML (Twilio error 32018), a fetched document (11750), one spoken text, the same URL-encoded (13521).
INLINE_LIMIT_CHARACTERS = 4000
DOCUMENT_LIMIT_BYTES = 64 * 1024
TEXT_LIMIT_CHARACTERS = 3000
ENCODED_LIMIT_CHARACTERS = 4500
#: As long as URLs are.
ACTION_URL = "https://calls.example/" + "a" * 2000 + "?call=x&attempt=1#rc=4"

ANY_TEXT = st.text(st.characters(exclude_categories=()))
#: Two braces mean something, of which test_template tells.
ANY_MESSAGE = st.text(st.characters(exclude_categories=(), exclude_characters="{"))
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
    "a" + "\u0301" * 4000,
    "荷物が届きました" * 600,
]


def says(twiml: str, gather: bool = False) -> list[ET.Element]:
    root = ET.fromstring(twiml)
    assert root.tag == "Response"
    place = root[0] if gather else root
    assert [child.tag for child in root] == (["Gather"] if gather else ["Say"] * (len(root) - 1)) + ["Hangup"]
    found = list(place)[: None if gather else -1]
    assert found
    assert all(say.tag == "Say" and len(say) == 0 for say in found)
    return found


def twiml_of(message: object, **metadata: object) -> str:
    return inline_twiml(Speech.of({"message": message, **metadata}))


def letters(text: str) -> str:
    """All but blanks, which cuts may take the place of."""
    return "".join(text.split())


def meant(message: str) -> str:
    return letters("".join(" " if unspeakable(character) else character for character in message))


def check_pieces(message: str, found: list[ET.Element]) -> None:
    texts = [say.text or "" for say in found]
    assert letters("".join(texts)) == (meant(message) or letters(DEFAULT_TEXT))
    for text in texts:
        assert 0 < len(text) <= TEXT_LIMIT_CHARACTERS
        assert text == text.strip(" ")
        assert len(quote(text, safe="")) <= ENCODED_LIMIT_CHARACTERS


@pytest.mark.parametrize("gather", [False, True])
@pytest.mark.parametrize("message", HOSTILE, ids=lambda message: ascii(message[:12]))
def test_all_of_a_hostile_message_is_spoken_in_sound_twiml(message: str, gather: bool) -> None:
    speech = Speech.of({"message": message, "gather_input": gather})
    check_pieces(message, says(inline_twiml(speech)))
    check_pieces(message, says(fetched_twiml(speech, ACTION_URL), gather))


@given(message=ANY_MESSAGE, repeat=st.integers(1, 300), voice=ANY_TEXT, language=ANY_TEXT)
def test_all_of_any_message_is_spoken_in_sound_twiml(message: str, repeat: int, voice: str, language: str) -> None:
    twiml = twiml_of(message * repeat, voice=voice, language=language)
    check_pieces(message * repeat, says(twiml))
    twiml.encode("utf-8")


@given(message=st.text(st.characters(codec="utf-8", categories=["L", "Nd", "Zs", "So"])), repeat=st.integers(1, 400))
def test_no_word_is_cut_that_fits(message: str, repeat: int) -> None:
    words = (message * repeat).split()
    longest = max(words, key=lambda word: len(quote(word)), default="")
    if words and len(quote(longest, safe="")) < ENCODED_LIMIT_CHARACTERS and max(map(len, words)) < 3000:
        assert [word for text in Speech.of({"message": message * repeat}).texts for word in text.split()] == words


@given(message=ANY_TEXT, repeat=st.integers(1, 600), voice=st.sampled_from([None, "alice", "Polly.Joanna-Neural"]))
def test_what_is_said_to_fit_does_and_so_does_as_much_as_is_said_to(
    message: str, repeat: int, voice: str | None
) -> None:
    text = " ".join((message * repeat).split())
    for twiml, most in ((Twiml.INLINE, INLINE_LIMIT_CHARACTERS), (Twiml.FETCHED, DOCUMENT_LIMIT_BYTES)):
        metadata = {"message": text, "voice": voice, "language": voice and "en-US", "gather_input": True}
        fitting = Speech.of(metadata).most_characters(twiml)
        if fitting is not None:
            speech = Speech.of(metadata | {"message": text[:fitting]})
            assert speech.most_characters(twiml) is None
        else:
            speech = Speech.of(metadata)
        document = inline_twiml(speech) if twiml is Twiml.INLINE else fetched_twiml(speech, ACTION_URL)
        size = document.encode("utf-16-le" if twiml is Twiml.INLINE else "utf-8")
        assert len(size) <= (2 * most if twiml is Twiml.INLINE else most)


@pytest.mark.parametrize(
    ("message", "least"),
    [
        ("word " * 1000, 3800),
        ("क" * 3000, 2900),
        ("x" * 5000, 3800),
        ("荷物が届きました。" * 500, 3500),
        ("&" * 4000, 750),
    ],
    ids=ascii,
)
def test_a_message_that_goes_along_may_use_what_twilio_takes(message: str, least: int) -> None:
    most = Speech.of({"message": message}).most_characters(Twiml.INLINE)
    assert most is None or least <= most < INLINE_LIMIT_CHARACTERS
    assert most is not None or len(inline_twiml(Speech.of({"message": message}))) <= INLINE_LIMIT_CHARACTERS


def test_only_markup_makes_16_kib_of_metadata_too_long_to_be_fetched() -> None:
    for message in ("x" * 16_000, "क" * 5_300, "😀" * 4_000, "word " * 3_200):
        assert Speech.of({"message": message}).most_characters(Twiml.FETCHED) is None
    assert Speech.of({"message": "&" * 16_000}).most_characters(Twiml.FETCHED) in range(11_000, 13_000)


@pytest.mark.parametrize("message", ["Your parcel is here.", "x" * 3000, "क" * 500, 'Tom & Jerry\'s "<3"'])
def test_a_message_within_the_limit_of_one_piece_is_one(message: str) -> None:
    (say,) = says(twiml_of(message))
    assert say.text == message


@pytest.mark.parametrize("metadata", [{}, {"message": ""}, {"message": " \n\t "}, {"message": "\0\x01"}])
def test_without_words_the_default_is_spoken(metadata: dict[str, object]) -> None:
    assert Speech.of(metadata).texts == (DEFAULT_TEXT,)


def test_white_space_and_control_characters_become_single_blanks() -> None:
    assert Speech.of({"message": " a\r\n\tb\0\x07c  d "}).texts == ("a b c d",)


@pytest.mark.parametrize(("voice", "language"), [("alice", "en-US"), ("Polly.Joanna-Neural", "hi-IN")])
def test_voice_and_language_go_to_twilio_with_every_piece(voice: str, language: str) -> None:
    found = says(twiml_of("Hi. " * 1000, voice=voice, language=language))
    assert len(found) == 2
    assert all(say.attrib == {"voice": voice, "language": language} for say in found)


@pytest.mark.parametrize("value", ["", "a b", '"><Dial/>', "a" * 101, "voix\n", "é", 1, None, ["alice"], {"a": 1}])
def test_a_voice_that_is_no_name_is_left_out(value: object) -> None:
    assert says(twiml_of("Hi", voice=value, language=value))[0].attrib == {}
