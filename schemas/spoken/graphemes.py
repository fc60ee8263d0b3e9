"""
Where one character, as a reader sees it, ends and the next begins.

Source: Unicode Standard Annex 29, section 3.1.1, by what Python's own database tells; where that tells too little,
nothing is cut.
"""

import unicodedata
from typing import Final

_MARKS: Final = frozenset({"Mn", "Mc", "Me"})
#: Joiners; vowels of Thai and Lao that count as marks; voicing marks of halfwidth Katakana.
_EXTENDING: Final = frozenset("\u200c\u200d\u0e33\u0eb3\uff9e\uff9f")
_JOINER: Final = "\u200d"
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_TAGS: Final = range(0xE0020, 0xE0080)
_FLAG_LETTERS: Final = range(0x1F1E6, 0x1F200)
#: Canonical_Combining_Class of the signs that join consonants of Indic scripts.
_VIRAMA: Final = 9

_LEADING: Final = (range(0x1100, 0x1160), range(0xA960, 0xA97D))
_VOWELS: Final = (range(0x1160, 0x11A8), range(0xD7B0, 0xD7C7))
_TRAILING: Final = (range(0x11A8, 0x1200), range(0xD7CB, 0xD7FC))
_SYLLABLES: Final = range(0xAC00, 0xD7A4)
_TRAILS: Final = 28  #: syllables of each leading consonant and vowel; the first has no trailing consonant


def is_boundary(text: str, position: int) -> bool:
    """Whether the text may be cut there; `position` is within it."""
    before, after = text[position - 1], text[position]
    if _extends(after) or before == _JOINER:
        return False
    if unicodedata.combining(before) == _VIRAMA and unicodedata.category(after) == "Lo":
        return False
    if ord(before) in _FLAG_LETTERS and ord(after) in _FLAG_LETTERS:
        return _flag_letters_until(text, position) % 2 == 0
    return not _is_one_syllable(before, after)


def _extends(character: str) -> bool:
    code = ord(character)
    return unicodedata.category(character) in _MARKS or character in _EXTENDING or code in _SKIN_TONES or code in _TAGS


def _flag_letters_until(text: str, position: int) -> int:
    start = position
    while start and ord(text[start - 1]) in _FLAG_LETTERS:
        start -= 1
    return position - start


def _is_one_syllable(before: str, after: str) -> bool:
    """Whether two letters of Hangul belong to the same syllable."""
    first, second = ord(before), ord(after)
    is_vowel, is_trailing = _within(second, _VOWELS), _within(second, _TRAILING)
    if _within(first, _LEADING):
        return is_vowel or second in _SYLLABLES or _within(second, _LEADING)
    if first in _SYLLABLES:
        ends_in_vowel = (first - _SYLLABLES.start) % _TRAILS == 0
        return is_trailing or (is_vowel and ends_in_vowel)
    return is_trailing if _within(first, _TRAILING) else _within(first, _VOWELS) and (is_vowel or is_trailing)


def _within(code: int, ranges: tuple[range, ...]) -> bool:
    return any(code in one for one in ranges)
