"""Phone numbers in E.164, by shape: a number need not be assigned (ITU-T E.164: at most 15 digits)."""

import re
from typing import Final

E164: Final = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
E164_PREFIX: Final = re.compile(r"\+[1-9]\d{0,14}", re.ASCII)
E164_SENTENCE: Final = "Phone number must be in E.164 format (e.g., +1234567890)"
