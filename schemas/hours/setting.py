"""Windows as an operator writes them in a setting: `mon-sat 08:00-21:00; sun 12:00-20:00`."""

import re
from typing import Final

from schemas.hours.window import DAYS, Hours, Window, minutes

#: For the sentence that names a faulty setting.
WANTED: Final = (
    "days and times separated by semicolons, at most 50 of them (e.g., mon-sat 08:00-21:00; sun 12:00-20:00)"
)

_MOST_WINDOWS: Final = 50
_DAY: Final = "|".join(DAYS)
_PART: Final = re.compile(
    rf"(?P<days>({_DAY})(-({_DAY}))?(,({_DAY})(-({_DAY}))?)*) +"
    r"(?P<start>([01]\d|2[0-3]):[0-5]\d)-(?P<end>([01]\d|2[0-3]):[0-5]\d|24:00)",
    re.ASCII,
)


def read_windows(text: str) -> Hours:
    """Windows in the called party's zone; raises ValueError if it is none."""
    parts = [part.strip().lower() for part in text.split(";") if part.strip()]
    if not 1 <= len(parts) <= _MOST_WINDOWS:
        raise ValueError(WANTED)
    return Hours(tuple(map(_window, parts)))


def _window(part: str) -> Window:
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(WANTED)
    days: set[int] = set()
    for span in found["days"].split(","):
        first, _, last = span.partition("-")
        day, end = DAYS.index(first), DAYS.index(last or first)
        days.add(day)
        while day != end:  # fri-mon goes over the week's end
            day = (day + 1) % len(DAYS)
            days.add(day)
    return Window.read(frozenset(days), minutes(found["start"]), minutes(found["end"]))
