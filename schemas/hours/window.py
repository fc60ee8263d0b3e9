"""Windows of local time, as a client or an operator gives them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

#: As date.weekday() counts them.
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: The zone of windows that count where the called party is.
RECIPIENT: Final = "recipient"

DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """A span of local time that begins on each of some days of the week."""

    days: frozenset[int]
    start: int  #: minutes after midnight
    end: int  #: likewise, and never before `start`: over midnight it is more than a day's minutes

    @classmethod
    def read(cls, days: frozenset[int], start: int, end: int) -> "Window":
        """With an end up to 24:00; one that is not after the start is on the next day."""
        return cls(days, start, end if end > start else end + DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class Hours:
    """When calls may leave, in local time of one zone, or of the called party's."""

    windows: tuple[Window, ...]
    days_off: frozenset[date] = frozenset()
    timezone: str = RECIPIENT

    @classmethod
    def load(cls, body: Mapping[str, Any]) -> "Hours":
        """From `calling_windows` as it was checked, or as `dump` wrote it."""
        windows = tuple(
            Window.read(frozenset(map(DAYS.index, one["days"])), minutes(one["start"]), minutes(one["end"]))
            for one in body["windows"]
        )
        return cls(windows, frozenset(map(date.fromisoformat, body.get("days_off", ()))), body["timezone"])

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """From a record."""
        return cls.load(json.loads(text))

    def dump(self) -> dict[str, Any]:
        """As a client writes it, with days in their order."""
        windows = [
            {
                "days": [DAYS[day] for day in sorted(window.days)],
                "start": clock_text(window.start),
                "end": clock_text(window.end if window.end <= DAY_MINUTES else window.end - DAY_MINUTES),
            }
            for window in self.windows
        ]
        days_off = [day.isoformat() for day in sorted(self.days_off)]
        return {"timezone": self.timezone, "windows": windows} | ({"days_off": days_off} if days_off else {})

    def text(self) -> str:
        """For a record."""
        return json.dumps(self.dump(), separators=(",", ":"))

    @property
    def of_recipient(self) -> bool:
        """Whether it depends on where the called party is."""
        return self.timezone == RECIPIENT


def minutes(text: str) -> int:
    """Minutes after midnight of HH:MM."""
    return int(text[:2]) * 60 + int(text[3:])


def clock_text(minutes_after_midnight: int) -> str:
    """HH:MM."""
    return f"{minutes_after_midnight // 60:02}:{minutes_after_midnight % 60:02}"
