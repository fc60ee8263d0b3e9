"""Whom a campaign calls: numbers alone, or with what is said of each."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from schemas.bodies.fields import MOST_NUMBERS, PhoneNumber, left_out
from schemas.bodies.part import Part
from schemas.bodies.telling import CALLEE, day_ahead, told
from schemas.hours.body import Instant, ZoneName
from schemas.options.asked import Variables

MOST_NAME_CHARACTERS: Final = 200
#: Names of variables over all recipients of one request: a row holds a place for each of them.
MOST_NAMES: Final = 100
_COUNT_SENTENCE: Final = f"Must hold 1 to {MOST_NUMBERS} recipients."
#: Recipients with faults of which a client is told: to tell of a thousand takes long.
_MOST_FAULTY: Final = 50
_LENGTH_SENTENCE: Final = f"Must be 1 to {MOST_NAME_CHARACTERS} characters long."
#: Half of a surrogate pair, which UTF-8 cannot hold.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class ShortText(fields.String):
    """A name or an id of the client's own."""

    default_error_messages = {
        "invalid": "Must be a string.",
        "half": "Must hold whole characters: half of a surrogate pair is none.",
    }

    @staticmethod
    def read(value: Any) -> str | None:
        """The text; None for what is none."""
        if not isinstance(value, str) or not 1 <= len(value) <= MOST_NAME_CHARACTERS:
            return None
        return value if value.isascii() or not _SURROGATE.search(value) else None

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if _SURROGATE.search(text):
            raise self.make_error("half")
        return text


def short_text(description: str, example: str) -> ShortText:
    """A field of such."""
    return ShortText(
        validate=validate.Length(1, MOST_NAME_CHARACTERS, error=_LENGTH_SENTENCE),
        metadata=told(description, example),
    )


def check_numbers(body: Mapping[str, Any]) -> None:
    """Raises ValidationError unless the body names numbers in one of the two ways."""
    given = [name for name in ("phone_numbers", "recipients") if name in body]
    if not given:
        raise ValidationError("This field is required, unless there are recipients.", "phone_numbers")
    if len(given) > 1:
        raise ValidationError("Must not be given beside phone_numbers.", "recipients")


class Recipient(Part):
    """One whom a campaign calls."""

    error_messages = {"type": "Must be an object with to_number."}

    to_number = PhoneNumber(required=True, metadata=told("Number to call, E.164", CALLEE))
    external_id = short_text("Your own id of the person called, 1 to 200 characters", "crm-4711")
    variables = Variables()
    timezone = ZoneName(
        metadata=told("IANA time zone in which the person is, if you know it. Default: by the number", "America/Denver")
    )
    expires_at = Instant(
        metadata=told(
            "Date and time with an offset or `Z`: not called if that has not begun by then. Default: the campaign's",
            f"{day_ahead(2)}T20:00:00Z",
            format="date-time",
        )
    )


_RECIPIENT: Final = Recipient()
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "to_number": PhoneNumber.read,
    "external_id": ShortText.read,
    "variables": Variables.read,
    "timezone": ZoneName.read,
    "expires_at": Instant.read,
}


class Recipients(fields.List[dict[str, Any]]):
    """A list of recipients. One without a fault is read field by field: what marshmallow does takes far longer."""

    default_error_messages = {
        "invalid": "Must be a list of recipients.",
        "length": _COUNT_SENTENCE,
        "names": f"Must have variables of at most {MOST_NAMES} names in all.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(
            fields.Nested(Recipient), validate=validate.Length(1, MOST_NUMBERS, error=_COUNT_SENTENCE), **options
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if not 1 <= len(value) <= MOST_NUMBERS:
            raise self.make_error("length")
        read: list[Any] = []
        faults: dict[Any, Any] = {}
        for place, item in enumerate(value):
            try:
                read.append(_one_or_left_out(item, data))
            except ValidationError as error:
                faults[place] = error.messages
                if len(faults) == _MOST_FAULTY:
                    break
        if faults:
            raise ValidationError(faults)
        if len(set().union(*(one.get("variables", ()) for one in read))) > MOST_NAMES:
            raise self.make_error("names")
        return read


def _one_or_left_out(item: Any, data: Mapping[str, Any] | None) -> dict[str, Any]:
    """A recipient; with a number that is none only if the body wants such to be left out."""
    none = left_out(item.get("to_number"), data) if isinstance(item, dict) else None
    if none is None:
        return _one(item)
    return _one({**item, "to_number": CALLEE}) | {"to_number": none}


def _one(item: Any) -> dict[str, Any]:
    if isinstance(item, dict) and item.get("to_number") and item.keys() <= _READERS.keys():
        read = {name: _READERS[name](value) for name, value in item.items() if value is not None}
        if None not in read.values():
            return read
    loaded: dict[str, Any] = _RECIPIENT.load(item)  # raises, and tells every fault
    return loaded
