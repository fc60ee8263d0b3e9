"""The IANA database of time zones: the one that is installed with this program, whatever the host has."""

import zoneinfo
from functools import cache
from typing import Final

import tzdata

#: So that web tier and workers, on whatever hosts, agree about every clock change. (Only what is loaded from now on.)
zoneinfo.reset_tzpath(to=())

#: Of the database, as IANA names its releases.
VERSION: Final = tzdata.IANA_VERSION

UNKNOWN_ZONE: Final = "Must be an IANA time zone (e.g., America/New_York)."

#: What the IANA database, and systems beside it, have under names of zones: none of them is the time of a place.
_NO_ZONES: Final = frozenset({"Factory", "localtime", "posixrules"})


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """Finds an IANA time zone; raises ValueError with a sentence if there is none."""
    if name not in zone_names():
        raise ValueError(UNKNOWN_ZONE)
    return zone(name)


@cache
def zone(name: str) -> zoneinfo.ZoneInfo:
    """One that there is."""
    return zoneinfo.ZoneInfo(name)


@cache
def zone_names() -> frozenset[str]:
    """All that there are."""
    return frozenset(zoneinfo.available_timezones() - _NO_ZONES)
