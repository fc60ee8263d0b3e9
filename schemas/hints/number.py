"""What keeps a text from being a phone number in E.164, and how it would be one."""

import re
from typing import Final

from schemas.e164 import E164
from schemas.hints.shown import shown

_BETWEEN: Final = re.compile(r"[\s().\-/\u2010-\u2015]+")
_LONG: Final = 40
_FORMS: Final = (
    (re.compile(r"\+0\d*", re.ASCII), "no country code begins with 0"),
    (re.compile(r"\+?\d{16,}", re.ASCII), "it has more than 15 digits"),
    (re.compile(r"\d+", re.ASCII), "+ and the country code are missing in front"),
)


def number_hint(text: str) -> str:
    """A phrase; '' if there is none that helps."""
    if len(text) > _LONG:
        return ""
    bare = _BETWEEN.sub("", text)
    if bare != text and E164.fullmatch(bare):
        return f"without blanks, hyphens and brackets it is {shown(bare)}"
    if re.fullmatch(r"00[1-9]\d{1,14}", bare, re.ASCII):
        return f"00 is written as +: {shown(f'+{bare[2:]}')}"
    return next((hint for form, hint in _FORMS if form.fullmatch(bare)), "")
