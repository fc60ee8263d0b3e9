"""What an answered call is told, from its metadata."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final
from xml.sax.saxutils import escape

from schemas.spoken.template import Pause, filled
from schemas.spoken.utterances import utterances

DEFAULT_TEXT: Final = "Hello. This is an automated call. Thank you, and goodbye."

#: Characters that no XML 1.0 document may hold, and lone surrogates.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)

_NO_VARIABLES: Final[Mapping[str, str]] = MappingProxyType({})

#: Around all that is spoken, and around each piece of it.
_FRAME: Final = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'
_PIECE: Final = '<Say voice="" language=""></Say>'
_PAUSE: Final = '<Pause length="10" />'


class Twiml(Enum):
    """How TwiML comes to Twilio: its most, and the encoding and the size of the units in which that is counted."""

    #: Along with the call: 4,000 characters (https://www.twilio.com/docs/api/errors/32018), of which some count two.
    INLINE = 4000, "utf-16-le", 2
    #: Fetched: 64 kB (https://www.twilio.com/docs/api/errors/11750), some of them for `<Gather>` and its URL.
    FETCHED = 60_000, "utf-8", 1

    def size(self, text: str) -> int:
        """How much of the most a text takes."""
        _, encoding, unit_bytes = self.value
        return len(escape(text).encode(encoding, "surrogatepass")) // unit_bytes


@dataclass(frozen=True, slots=True)
class Speech:
    """Texts and pauses that follow one another, how they are spoken, and whether a pressed digit is waited for."""

    pieces: tuple[str | Pause, ...]
    voice: str | None
    language: str | None
    gather: bool

    @classmethod
    def of(
        cls,
        metadata: Mapping[str, Any],
        default_text: str = DEFAULT_TEXT,
        variables: Mapping[str, str] = _NO_VARIABLES,
    ) -> "Speech":
        """Reads `message`, `voice`, `language` and `gather_input`; what cannot be spoken is left out."""
        pieces = tuple(_spoken(str(metadata.get("message") or ""), variables))
        if all(isinstance(piece, Pause) for piece in pieces):
            pieces = utterances(default_text)
        voice, language = name_of(metadata.get("voice")), name_of(metadata.get("language"))
        return cls(pieces, voice, language, bool(metadata.get("gather_input")))

    @property
    def texts(self) -> tuple[str, ...]:
        """What is said between pauses."""
        return tuple(piece for piece in self.pieces if isinstance(piece, str))

    def most_characters(self, twiml: Twiml) -> int | None:
        """How many characters TwiML could hold of the texts, without blanks between them; None if it holds them all."""
        left, held = twiml.value[0] - len(_FRAME), 0
        piece = len(_PIECE) + len(self.voice or "") + len(self.language or "")
        for text in self.pieces:
            if isinstance(text, Pause):
                left -= len(_PAUSE)
                continue
            size = twiml.size(text)
            if piece + size > left:
                return held + _fitting(text, twiml, left - piece)
            left -= piece + size
            held += len(text)
        return None


def _spoken(text: str, variables: Mapping[str, str]) -> Iterator[str | Pause]:
    for piece in filled(text, variables):
        if isinstance(piece, Pause):
            yield piece
        else:
            yield from utterances(" ".join(_FORBIDDEN.sub(" ", piece).split()))


def unspeakable(text: str) -> bool:
    """Whether the text holds characters that no TwiML can."""
    return _FORBIDDEN.search(text) is not None


def name_of(value: object) -> str | None:
    """A voice or a language as Twilio names them; None for what is no name."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _fitting(text: str, twiml: Twiml, left: int) -> int:
    """How many characters from the beginning of a text take no more than what is left."""
    for position, character in enumerate(text):
        left -= twiml.size(character)
        if left < 0:
            return position
    return len(text)
