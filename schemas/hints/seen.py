"""What a refused field was seen to hold: a phrase beside the sentence that says what it must hold."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas.e164 import E164_SENTENCE
from schemas.hints.moment import moment_hint
from schemas.hints.number import number_hint
from schemas.hints.shown import shown
from schemas.hints.zone import zone_hint
from schemas.hours.database import UNKNOWN_ZONE
from schemas.moment import NOT_A_MOMENT

#: Fields whose values may hold what nobody else is to read: they are never repeated.
_SECRET: Final = re.compile(r"url|token|secret|password|authorization", re.IGNORECASE)
_HINTS: Final[Mapping[str, Callable[[str], str]]] = {
    E164_SENTENCE: number_hint,
    NOT_A_MOMENT: moment_hint,
    UNKNOWN_ZONE: zone_hint,
}
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,19})://", re.ASCII)
_BLANK: Final = re.compile(r"\s")


def seen(name: str, sentence: str, value: Any) -> str:
    """The phrase for a field of this name; '' if there is nothing to say."""
    if not sentence.startswith("Must ") and sentence not in _HINTS:
        return ""
    if isinstance(value, str) and " characters" in sentence:
        return f"{len(value)} characters"
    if _SECRET.search(name):
        return _of_secret(sentence, value)
    if sentence not in _HINTS or value is None:
        return shown(value)
    if not isinstance(value, str):
        return f"{shown(value)}, where a text in quotes is wanted"
    hint = _HINTS[sentence](value)
    return f"{shown(value)}: {hint}" if hint else shown(value)


def _of_secret(sentence: str, value: Any) -> str:
    """What kind of thing it is, or what a URL lacks."""
    if not isinstance(value, str):
        return shown(value) if value is None or isinstance(value, bool | list | dict) else "a number"
    if "absolute" not in sentence:
        return ""
    if not value or _BLANK.search(value):
        return "a blank in it" if value else "nothing"
    scheme = _SCHEME.match(value)
    if scheme is None:
        return "no https:// in front"
    return "" if scheme[1].lower() in {"http", "https"} else f"{scheme[1]}: in front"
