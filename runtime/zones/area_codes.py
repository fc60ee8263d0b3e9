"""
Time zones by area code of the North American plan, where the library's answer will not do.

A code stands here if people with it live in several zones (a number tells no more than its code, since numbers are
carried along), if the library is wrong for most of its exchanges, or if it is an island's, whose mobile numbers the
library puts into all zones of the plan. Where clocks always agree, the zone is named after the larger place.

By the maps of the numbering plan's administrators and 49 CFR 71, and where people are known to keep their neighbours'
time, by that too.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: When the table was last gone through.
AS_OF: Final = "2026-11-27"

_CHICAGO, _NEW_YORK, _DENVER = "America/Chicago", "America/New_York", "America/Denver"
_LOS_ANGELES, _BOISE, _PHOENIX = "America/Los_Angeles", "America/Boise", "America/Phoenix"
_EDMONTON, _WINNIPEG, _TORONTO = "America/Edmonton", "America/Winnipeg", "America/Toronto"
_HALIFAX, _REGINA, _VANCOUVER = "America/Halifax", "America/Regina", "America/Vancouver"

_BRITISH_COLUMBIA: Final = (_VANCOUVER, _EDMONTON, "America/Creston", "America/Dawson_Creek", "America/Fort_Nelson")
_NEWFOUNDLAND: Final = ("America/St_Johns", "America/Goose_Bay", "America/Blanc-Sablon")
_SASKATCHEWAN: Final = (_REGINA, _EDMONTON, _WINNIPEG)
_EAST_QUEBEC: Final = (_TORONTO, _HALIFAX, "America/Blanc-Sablon")

_BY_ZONES: Final[Mapping[tuple[str, ...], str]] = {
    # United States: one zone, where the library has another for many exchanges.
    (_CHICAGO,): "219 364",
    # Two or more.
    (_CHICAGO, _NEW_YORK): "270 334 423 448 574 606 812 850 930",
    (_CHICAGO, "America/Detroit"): "906",
    (_CHICAGO, _DENVER): "308 605 620 701 785",
    (_LOS_ANGELES, _BOISE): "208 458 541 986",
    (_LOS_ANGELES, _DENVER): "775",
    (_PHOENIX, _DENVER): "928",
    ("America/Anchorage", "America/Adak"): "907",
    # Canada.
    _BRITISH_COLUMBIA: "236 250 257 672 778",
    _SASKATCHEWAN: "306 474 639",
    (_TORONTO, _WINNIPEG, "America/Atikokan"): "807",
    _EAST_QUEBEC: "367 418 581",
    _NEWFOUNDLAND: "709 879",
    ("America/Whitehorse", _EDMONTON, _WINNIPEG, _TORONTO, "America/Resolute"): "867",
    # Islands.
    ("America/Anguilla",): "264",
    ("America/Antigua",): "268",
    ("America/Barbados",): "246",
    ("America/Cayman",): "345",
    ("America/Dominica",): "767",
    ("America/Grand_Turk",): "649",
    ("America/Grenada",): "473",
    ("America/Jamaica",): "658 876",
    ("America/Lower_Princes",): "721",
    ("America/Montserrat",): "664",
    ("America/Nassau",): "242",
    ("America/Port_of_Spain",): "868",
    ("America/Puerto_Rico",): "787 939",
    ("America/Santo_Domingo",): "809 829 849",
    ("America/St_Kitts",): "869",
    ("America/St_Lucia",): "758",
    ("America/St_Thomas",): "340",
    ("America/St_Vincent",): "784",
    ("America/Tortola",): "284",
    ("Atlantic/Bermuda",): "441",
    ("Pacific/Guam",): "671",
    ("Pacific/Honolulu",): "808",
    ("Pacific/Pago_Pago",): "684",
    ("Pacific/Saipan",): "670",
}

#: Area code -> zones. All of them count.
AREA_CODES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {code: tuple(sorted(zones)) for zones, codes in _BY_ZONES.items() for code in codes.split()}
)
