"""closed.lua, plan.lua, unzoned.lua and zone.lua: what waits for its windows to open."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

from schemas.campaigns.rows import Row
from schemas.lua.script import Script, flat, ms, paired

#: A sweep that has something to plan counts as dead after this.
PLANNING_LEASE_SECONDS: Final = 10.0
#: What one run of a script hands out, or plans.
PLANNED_AT_ONCE: Final = 200
#: Rows whose zones are looked up at once.
ZONED_AT_ONCE: Final = 1000
#: That closed.lua has for each of them.
_WORDS: Final = 5

Kind: TypeAlias = Literal["call", "set", "campaign"]


class Closed(NamedTuple):
    """What waits, and is closed: a call, a set of zones of a campaign, or a campaign that was not planned yet."""

    kind: Kind
    id: str  #: a set's: campaign#letter
    to: str
    windows: str  #: its client's, as Hours.text writes them; '' if it gave none
    zones: str  #: a set's; where a call's party is, if its client knows; else ''


class ClosedSome(NamedTuple):
    """Some of it."""

    now_ms: int
    found: list[Closed]
    more: bool  #: there may be more


class Planned(NamedTuple):
    """When it may leave: from the one instant up to the other; None: at any time, or all of a campaign is planned."""

    id: str
    opening: tuple[int, int] | None = None


class Unzoned(NamedTuple):
    """Rows of a campaign whose zones were not looked up yet."""

    offset: int  #: how many rows stand before them
    sets: Mapping[str, str]  #: that there are: letter -> zones, with commas between
    rows: list[Row]


def closed(retention_days: int) -> Script[ClosedSome]:
    """What is closed, for one sweep; what has expired ends."""

    def read(answer: Any) -> ClosedSome:
        more, now_ms, *words = answer
        found = [Closed(cast("Kind", words[at]), *words[at + 1 : at + _WORDS]) for at in range(0, len(words), _WORDS)]
        return ClosedSome(int(now_ms), found, more == "1")

    return Script("closed", (retention_days * 86_400_000, ms(PLANNING_LEASE_SECONDS), PLANNED_AT_ONCE), read)


def plan(policy: str, planned: Sequence[Planned]) -> Script[int]:
    """It goes in line for its next opening; how much of it there still is."""
    words = [word for one in planned for word in (one.id, *(one.opening or ("", "")))]
    return Script("plan", (policy, *words), int)


def unzoned(campaign_id: str) -> Script[Unzoned]:
    """The next rows whose zones are to be looked up; none if those of all are known."""

    def read(answer: Any) -> Unzoned:
        offset, sets, rows = answer
        return Unzoned(int(offset), paired(sets), [Row.unpack(str(row)) for row in rows])

    return Script("unzoned", (campaign_id, ZONED_AT_ONCE), read)


def zone(
    campaign_id: str, offset: int, letters: str, sets: Mapping[str, str], expiries: Mapping[int, int]
) -> Script[int]:
    """Rows come into sets: a letter for each; and some, by their places, have an end. How many rows are in sets now."""
    ends = [word for place, expires_ms in expiries.items() for word in (place, expires_ms)]
    return Script("zone", (campaign_id, offset, letters, 2 * len(sets), *flat(dict(sets)), *ends), int)
