"""admit.lua: which calls may go now."""

from typing import Final

from schemas.limits import Limits
from schemas.lua.facts import HORIZON_US
from schemas.lua.script import Script

#: A message that no worker took within this time counts as lost.
DISPATCH_LOST_MS: Final = 10_000


def admit(limits: Limits, most: int) -> Script[list[str]]:
    """Ids of the calls that may go now, at most `most`; each has its slot in time."""
    paces = limits.account.interval_us, limits.singles.interval_us
    return Script(
        "admit", (*paces, limits.max_live_calls, HORIZON_US, most, DISPATCH_LOST_MS, limits.most_minutes_a_day), list
    )
