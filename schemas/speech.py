"""What an answered call is told, from its metadata."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

DEFAULT_TEXT: Final = "Hello. This is an automated call. Thank you, and goodbye."

#: The least of what Twilio's voices speak at once (Polly), the URL-encoded length of one text (error 13521), and what
#: of the 4,000 characters of inline TwiML (error 32018) is left for the text.
MOST_CHARACTERS: Final = 3000
MOST_ENCODED_CHARACTERS: Final = 4500
MOST_ESCAPED_CHARACTERS: Final = 3600

_ESCAPED: Final = {"&": 5, "<": 4, ">": 4}
_MOST_ENCODED_EACH: Final = 12  # four bytes of UTF-8

#: Characters that no XML 1.0 document may hold, and lone surrogates.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Speech:
    """Text to be spoken, how, and whether a pressed digit is waited for."""

    text: str
    voice: str | None
    language: str | None
    gather: bool

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> "Speech":
        """Reads `message`, `voice`, `language` and `gather_input`; what cannot be spoken is left out."""
        text = _cut(" ".join(_FORBIDDEN.sub(" ", str(metadata.get("message") or "")).split()))
        voice, language = _name(metadata.get("voice")), _name(metadata.get("language"))
        return cls(text or DEFAULT_TEXT, voice, language, bool(metadata.get("gather_input")))


def _cut(text: str) -> str:
    """The longest beginning that fits and cuts no word."""
    if len(text) * _MOST_ENCODED_EACH <= MOST_ENCODED_CHARACTERS:
        return text
    encoded = escaped = 0
    for position, character in enumerate(text):
        encoded += len(quote(character, safe=""))
        escaped += _ESCAPED.get(character, 1)
        if position >= MOST_CHARACTERS or encoded > MOST_ENCODED_CHARACTERS or escaped > MOST_ESCAPED_CHARACTERS:
            head = text[:position]
            return head if character == " " else head.rpartition(" ")[0] or head
    return text


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None
