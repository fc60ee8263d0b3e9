"""From a number to the time zones in which its owner may be."""

from typing import Final, Literal, TypeAlias

import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from runtime.zones.area_codes import AREA_CODES
from schemas.hours.database import zone_names

#: Whose answer it is: our table's, or the library's.
Source: TypeAlias = Literal["area_code", "phonenumbers"]

_NORTH_AMERICA: Final = "1"
_KEY_DIGITS: Final = 7
_MOST_KEPT: Final = 100_000

_kept: dict[str, tuple[str, ...]] = {}


def zones_of(number: str) -> tuple[str, ...]:
    """
    The IANA zones in which the owner of an E.164 number may be, in order; none if nobody can tell.

    The library takes some 30 microseconds, and in each process 50 milliseconds the first time: the web tier asks in a
    thread.
    """
    digits = number.removeprefix("+")
    ours = AREA_CODES.get(digits[1:4]) if digits.startswith(_NORTH_AMERICA) else None
    if ours is not None:
        return ours
    key = digits[:_KEY_DIGITS]
    zones = _kept.get(key)
    if zones is None:
        zones = _by_library(number)
        if zones and len(digits) > _KEY_DIGITS and len(_kept) < _MOST_KEPT:
            _kept[key] = zones
    return zones


def source_of(number: str) -> Source:
    """Who tells the number's zones."""
    return "area_code" if number.startswith("+1") and number[2:5] in AREA_CODES else "phonenumbers"


def _by_library(number: str) -> tuple[str, ...]:
    """
    Of a number that cannot be assigned, no zones are known, except that an area code of North America tells them by
    itself. A number that belongs to no place has all zones of its country.
    """
    try:
        zones = time_zones_for_number(phonenumbers.parse(number))
        if zones == (UNKNOWN_TIMEZONE,) and number.startswith("+1") and number[2:5].isdigit():
            zones = time_zones_for_number(phonenumbers.parse(f"+1{number[2:5]}5550100"))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(sorted(zone_names().intersection(zones)))
