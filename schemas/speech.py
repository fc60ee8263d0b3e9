"""What an answered call is told, from its metadata."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

DEFAULT_TEXT: Final = "Hello. This is an automated call. Thank you, and goodbye."

#: Inline TwiML may have 4,000 characters (Twilio error 32018), and escaping can make six of one: `"` -> `&quot;`.
TEXT_LIMIT_CHARACTERS: Final = 3000
TWIML_TEXT_LIMIT: Final = 3700

_ESCAPED_LENGTH: Final = {"&": 5, "<": 4, ">": 4}

#: Characters that no XML 1.0 document may hold, and lone surrogates.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Speech:
    """Text to be spoken, and how."""

    text: str
    voice: str | None
    language: str | None

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> "Speech":
        """Reads `message`, `voice` and `language`; what cannot be spoken is left out."""
        text = _cut(" ".join(_FORBIDDEN.sub(" ", str(metadata.get("message") or "")).split()))
        return cls(text or DEFAULT_TEXT, _name(metadata.get("voice")), _name(metadata.get("language")))


def _cut(text: str) -> str:
    """The longest beginning that fits and cuts no word."""
    length = 0
    for position, character in enumerate(text):
        length += _ESCAPED_LENGTH.get(character, 1)
        if length > TWIML_TEXT_LIMIT or position >= TEXT_LIMIT_CHARACTERS:
            head = text[:position]
            return head if character == " " else head.rpartition(" ")[0] or head
    return text


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None
