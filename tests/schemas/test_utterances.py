"""Where a text is cut that is too long to be spoken at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.spoken.graphemes import is_boundary
from schemas.spoken.utterances import utterances

#: One character each, as a reader sees it.
CHARACTERS = [
    "a",
    "é",
    "e\u0301",
    "a" + "\u0301" * 20,
    "क",
    "नि",
    "स्ते",
    "क्ष",
    "நி",
    "กำ",
    "ที่",
    "ລຳ",
    "한",
    "\u1112\u1161\u11ab",
    "하\u11ab",
    "각",
    "か\u3099",
    "ｶﾞ",
    "ש\u05c1",
    "👩‍👩‍👧‍👦",
    "👍🏽",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "❤️",
    "🇮🇳",
    "၊",
    "漢",
    "字",
    "。",
]
SENTENCES = [
    ("Your parcel is on its way to you. ", " "),
    ("Is it you? He said: “No!” ", " "),
    ("आपका पार्सल आ गया है। कृपया प्रतीक्षा करें। ", " "),
    ("荷物が届きました。", ""),
    ("「荷物が届きました！」と言いました。", ""),
    ("您的包裹已经到了？", ""),
    ("وصلت الشحنة. هل أنت هنا؟ ", " "),
    ("آپ کا پارسل آ گیا ہے۔ ", " "),
    ("ձեր ծանրոցը ճանապարհին է։ ", " "),
]
ENDS = (".", "?", "!", "।", "。", "！", "？", "؟", "۔", "։", "”", "」")


@pytest.mark.parametrize(("sentences", "between"), SENTENCES, ids=ascii)
def test_a_text_is_cut_behind_its_sentences(sentences: str, between: str) -> None:
    text = (sentences * 400).strip()[:9000].rpartition(between or sentences[-1])[0].strip()
    pieces = utterances(text)
    assert between.join(pieces) == text
    assert len(pieces) > 1
    assert all(piece.endswith(ENDS) for piece in pieces[:-1])


@pytest.mark.parametrize("words", ["parcel ", "पार्सल ", "посылка "])
def test_a_text_without_sentences_is_cut_between_words(words: str) -> None:
    pieces = utterances((words * 1500).strip())
    assert " ".join(pieces) == (words * 1500).strip()
    assert len(pieces) > 1


def test_a_text_without_blanks_is_cut_behind_its_commas() -> None:
    pieces = utterances("荷物が届きましたので、" * 200)
    assert "".join(pieces) == "荷物が届きましたので、" * 200
    assert len(pieces) > 1
    assert all(piece.endswith("、") for piece in pieces)


@pytest.mark.parametrize("character", CHARACTERS, ids=ascii)
def test_a_text_without_either_is_cut_between_what_a_reader_sees_as_characters(character: str) -> None:
    text = character * 3000
    pieces = utterances(text)
    assert "".join(pieces) == text
    assert len(pieces) > 1 or len(text) == 3000
    assert all(len(piece) % len(character) == 0 for piece in pieces)


@given(st.lists(st.sampled_from(CHARACTERS), min_size=2, max_size=30))
def test_between_characters_is_a_boundary_and_within_them_is_none(characters: list[str]) -> None:
    text, boundaries = "".join(characters), set()
    position = 0
    for character in characters[:-1]:
        position += len(character)
        boundaries.add(position)
    found = {position for position in range(1, len(text)) if is_boundary(text, position)}
    assert found - boundaries == set()
    # A cut that is not made does no harm: after a joining sign, or between letters that would make a syllable.
    assert len(boundaries - found) <= sum(character[-1] in "\u0301한하각\u11ab" for character in characters)


def test_what_holds_together_without_end_is_cut_all_the_same() -> None:
    text = "a" + "\u0301" * 9000
    pieces = utterances(text)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 750


def test_a_piece_is_as_long_as_it_may_be() -> None:
    pieces = utterances("Yes. " * 3000)
    assert all(len(piece) > 2990 - 5 * 300 for piece in pieces[:-1])
    assert len(utterances("x" * 3000)) == 1
    assert len(utterances("x" * 3001)) == 2
