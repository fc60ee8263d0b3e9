"""Which IANA time zone somebody meant who wrote another name."""

from functools import cache
from typing import Final

from schemas.hours.database import zone_names

#: What people in the USA and in Europe call their time, where it is no name of the IANA's.
_COMMON: Final = {
    "eastern": "America/New_York",
    "edt": "America/New_York",
    "central": "America/Chicago",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "mountain": "America/Denver",
    "mdt": "America/Denver",
    "pacific": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "bst": "Europe/London",
    "cest": "Europe/Paris",
}
_LONG: Final = 40


def zone_hint(text: str) -> str:
    """A phrase; '' if there is none that helps."""
    if len(text) > _LONG:
        return ""
    plain = text.strip().lower().replace(" ", "_")
    meant = _COMMON.get(plain.removesuffix("_time").removesuffix("_standard")) or _by_name().get(plain)
    return f"meant is perhaps {meant}" if meant else ""


@cache
def _by_name() -> dict[str, str]:
    """Names in small letters, and their last parts, which are mostly cities."""
    cities = {name.rpartition("/")[2].lower(): name for name in sorted(zone_names(), reverse=True)}
    return cities | {name.lower(): name for name in zone_names()}
