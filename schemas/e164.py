"""Phone numbers in E.164, by shape: a number need not be assigned (ITU-T E.164: at most 15 digits)."""

import re
from typing import Final

from schemas.numbers.emergency import EMERGENCY_NUMBERS
from schemas.numbers.trunk import without_trunk

E164: Final = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
E164_PREFIX: Final = re.compile(r"\+[1-9]\d{0,14}", re.ASCII)
E164_SENTENCE: Final = "Phone number must be in E.164 format (e.g., +1234567890)"


def number_of(text: object) -> str | None:
    """The number that a text means: without a trunk prefix, or it would be another one on every list. None for none."""
    if not isinstance(text, str) or not E164.fullmatch(text):
        return None
    return text if text in EMERGENCY_NUMBERS else without_trunk(text)
