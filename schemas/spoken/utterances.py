"""
A text in pieces that every voice of Twilio's speaks: a piece that is too long is passed over without a word.

Sources: https://www.twilio.com/docs/voice/twiml/say (3,000 characters, of Polly, are the least of any voice) and
https://www.twilio.com/docs/api/errors/13521 (4,500 of the text URL-encoded).
"""

import re
from functools import lru_cache
from typing import Final

from schemas.spoken.graphemes import is_boundary

MOST_CHARACTERS: Final = 3000
MOST_ENCODED_CHARACTERS: Final = 4500

#: Of one character: ASCII that a URL holds as it is, other ASCII, and what has two, three and four bytes of UTF-8.
_AS_IT_IS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
_ENCODED_BELOW: Final = ((0x80, 3), (0x800, 6), (0x10000, 9))
_MOST_ENCODED_EACH: Final = 12

_CLOSING: Final = "\"'”’»)\\]」』）】》"
#: The end of a sentence: by marks that a blank follows, or by those of scripts that need none.
_SENTENCE_END: Final = re.compile(rf"[.!?…]+[{_CLOSING}]*(?= )|[。！？｡．।॥؟۔።။៕།։]+[{_CLOSING}]*")
#: A blank, or behind a mark within a sentence of a script without blanks.
_WORD_END: Final = re.compile(r"(?= )|(?<=[、，；：､])")


@lru_cache(maxsize=128)  # most calls of a campaign say the same
def utterances(text: str) -> tuple[str, ...]:
    """
    All of a text, whose blanks are single ones, in as few pieces as fit.

    It is cut behind a sentence, else a word, else what a reader sees as one character. Blanks at cuts are left out.
    """
    pieces, start = [], 0
    while start < len(text):
        end = _reach(text, start)
        if end < len(text):
            end = _cut(text, start, end)
        pieces.append(text[start:end])
        start = end + text.startswith(" ", end)
    return tuple(pieces)


def _reach(text: str, start: int) -> int:
    """How far a piece that begins there may go."""
    most = min(len(text), start + MOST_CHARACTERS)
    if (most - start) * _MOST_ENCODED_EACH <= MOST_ENCODED_CHARACTERS:
        return most
    encoded = 0
    for position in range(start, most):
        encoded += _encoded(text[position])
        if encoded > MOST_ENCODED_CHARACTERS:
            return position
    return most


def _encoded(character: str) -> int:
    if character in _AS_IT_IS:
        return 1
    code = ord(character)
    return next((length for least, length in _ENCODED_BELOW if code < least), _MOST_ENCODED_EACH)


def _cut(text: str, start: int, end: int) -> int:
    """The last good place for a cut within what fits."""
    for mark in (_SENTENCE_END, _WORD_END):
        found = [match.end() for match in mark.finditer(text, start + 1, end + 1) if match.end() <= end]
        if found:
            return found[-1]
    return next((position for position in range(end, start, -1) if is_boundary(text, position)), end)
