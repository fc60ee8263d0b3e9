"""What keeps a text from being a phone number in E.164, and how it would be one."""

import re
from typing import Final

from schemas.e164 import number_of
from schemas.hints.shown import shown

#: Marks of direction that nobody sees come with a number that was copied out of an address book.
_BETWEEN: Final = re.compile(r"[\s().\-/\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060-\u2069]+")
#: Of a figure that some program made of it.
_DECIMAL: Final = re.compile(r"[^.]*\.0+")
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
    if _DECIMAL.fullmatch(text):
        return "what stands behind the point is no part of a number"
    bare = _BETWEEN.sub("", text)
    if bare != text and (meant := number_of(bare)):
        return f"without blanks, hyphens and brackets it is {shown(meant)}"
    if bare.startswith("00") and (meant := number_of(f"+{bare[2:]}")):
        return f"00 is written as +: {shown(meant)}"
    return next((hint for form, hint in _FORMS if form.fullmatch(bare)), "")
