"""The fields of a request that say when its calls may leave."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load, validate

from schemas.bodies.fields import ShortList
from schemas.bodies.part import Part
from schemas.bodies.telling import day_ahead, told
from schemas.hours.database import UNKNOWN_ZONE, zone_names
from schemas.hours.window import DAYS, RECIPIENT, Hours
from schemas.moment import instant_ms

MOST_WINDOWS: Final = 50
MOST_DAYS_OFF: Final = 366

_START: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_END: Final = re.compile(rf"({_START.pattern}|24:00)", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ONE_OF_DAYS: Final = f"Must be one of {', '.join(DAYS)}."


class _Matching(fields.String):
    """A text of one form."""

    def __init__(self, form: re.Pattern[str], sentence: str, **options: Any) -> None:
        super().__init__(error_messages={"invalid": sentence}, **options)
        self._form = form
        self.metadata = {"pattern": f"^{form.pattern}$", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not self._form.fullmatch(value):
            raise self.make_error("invalid")
        return value


class _Day(_Matching):
    def __init__(self) -> None:
        super().__init__(_DAY, "Must be a date (e.g., 2030-12-25).", metadata={"format": "date"})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            date.fromisoformat(text)
        except ValueError as error:
            raise self.make_error("invalid") from error
        return text


class ZoneName(fields.String):
    """The name of an IANA time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if (name := self.read(value)) is None:
            raise ValidationError(UNKNOWN_ZONE)
        return name

    @staticmethod
    def read(value: Any) -> str | None:
        """The name; None if there is no such zone."""
        return value if isinstance(value, str) and value in zone_names() else None


class _Zone(ZoneName):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        try:
            return RECIPIENT if value == RECIPIENT else super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            raise ValidationError(f"{UNKNOWN_ZONE[:-1]}, or {RECIPIENT}.") from error


class CallingWindow(Part):
    """A span of local time on some days of the week."""

    days = ShortList(
        fields.String(validate=validate.OneOf(DAYS, error=_ONE_OF_DAYS), error_messages={"invalid": _ONE_OF_DAYS}),
        1,
        len(DAYS),
        "days",
        required=True,
        metadata=told("Days of the week on which it begins", ["mon", "tue", "wed", "thu", "fri"]),
    )
    start = _Matching(
        _START,
        "Must be a time of day (e.g., 09:00).",
        required=True,
        metadata=told("Its first minute, HH:MM, local time", "09:00"),
    )
    end = _Matching(
        _END,
        "Must be a time of day, up to 24:00 (e.g., 20:00).",
        required=True,
        metadata=told(
            "The minute at which it is over, HH:MM, up to `24:00`; one that is not after `start` is on the next day",
            "20:00",
        ),
    )


class CallingWindows(Part):
    """When calls may leave."""

    timezone = _Zone(
        load_default=RECIPIENT,
        metadata=told(
            "IANA time zone of the windows, or `recipient`: every zone in which the called party may be. Default:"
            " `recipient`",
            RECIPIENT,
        ),
    )
    windows = ShortList(
        fields.Nested(CallingWindow),
        1,
        MOST_WINDOWS,
        "windows",
        required=True,
        metadata=told(
            "1 to 50 spans of local time: it is open while one of them is",
            [{"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "start": "09:00", "end": "20:00"}],
        ),
    )
    days_off = ShortList(
        _Day(),
        0,
        MOST_DAYS_OFF,
        "dates",
        metadata=told("Up to 366 local dates on which no window begins. Default: none", [day_ahead(1)]),
    )

    @post_load
    def _read(self, data: dict[str, Any], **kwargs: Any) -> Hours:
        return Hours.load(data)


class Instant(fields.String):
    """An instant, in milliseconds since 1970: RFC 3339 with an offset."""

    def __init__(self, **options: Any) -> None:
        sentence = "Must be a date and time with a UTC offset or Z (e.g., 2030-01-15T14:00:00Z)."
        super().__init__(error_messages={"invalid": sentence}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:  # type: ignore[override]
        if (at_ms := self.read(value)) is None:
            raise self.make_error("invalid")
        return at_ms

    @staticmethod
    def read(value: Any) -> int | None:
        """The instant; None for what is none."""
        return instant_ms(value) if isinstance(value, str) else None


class Timed(Schema):
    """What a body may say about when its calls leave."""

    calling_windows = fields.Nested(
        CallingWindows,
        metadata=told(
            "When calls may leave, in local time. Default: whenever `CALLING_WINDOWS`, a setting, lets any call leave"
        ),
    )
    expires_at = Instant(
        metadata=told(
            "Date and time with an offset or `Z`: what has not begun by then ends as expired. Default: never",
            f"{day_ahead(2)}T20:00:00Z",
            format="date-time",
        )
    )
