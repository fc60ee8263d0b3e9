"""What waits outside its windows gets its next opening; numbers of a campaign are put into sets by their zones."""

import structlog

from runtime.zones.numbers import zones_of
from schemas.campaigns.rows import Row
from schemas.hours.closing import Closed, Planned
from schemas.hours.opening import Opening
from schemas.hours.plan import Policy, Unplanned, needs_zones, next_plan
from schemas.hours.window import Hours
from schemas.hours.zone_set import ZoneSets
from worker.ledger import Ledger

log = structlog.get_logger("worker.calls.planning")

#: What has no opening within a year waits, and is looked at again after this.
_NO_OPENING_MS = 86_400_000


def plan_closed(ledger: Ledger, policy: Policy) -> bool:
    """Plans some of what is closed; whether there may be more of it."""
    closed = ledger.closed()
    if not closed.found:
        return closed.more
    planned: list[Planned] = []
    for one in closed.found:
        if one.kind == "campaign":
            planned += _plan_campaign(ledger, policy, one, closed.now_ms)
        else:
            zones = tuple(filter(None, one.zones.split(",")))
            planned.append(Planned(one.id, _opening(one, policy, zones, closed.now_ms)))
    ledger.plan(planned)
    log.info("openings_planned", count=len(planned))
    return closed.more


def _plan_campaign(ledger: Ledger, policy: Policy, campaign: Closed, now_ms: int) -> list[Planned]:
    """Looks up the zones of the rows that are in no set yet, and plans all sets."""
    wanted = needs_zones(_hours(campaign), policy)
    while True:
        page = ledger.unzoned(campaign.id)
        if not page.rows:
            break
        sets = ZoneSets(page.sets)
        letters = "".join(sets.letter_of(_zones(row) if wanted else ()) for row in page.rows)
        places = enumerate(page.rows, start=page.offset + 1)
        expiries = {place: row.expires_ms for place, row in places if row.expires_ms is not None}
        ledger.zone(campaign.id, page.offset, letters, sets.new, expiries)
    openings = [
        Planned(f"{campaign.id}#{letter}", _opening(campaign, policy, tuple(filter(None, zones.split(","))), now_ms))
        for letter, zones in page.sets.items()
    ]
    return [*openings, Planned(campaign.id)]


def _opening(one: Closed, policy: Policy, zones: tuple[str, ...], now_ms: int) -> Opening | None:
    known = one.kind != "call" or bool(zones)
    opening = next_plan(_hours(one), policy, lambda: zones if known else zones_of(one.to), now_ms)
    if isinstance(opening, Unplanned):
        log.warning("without_opening", task_id=one.id, reason=str(opening))
        return Opening(now_ms + _NO_OPENING_MS, now_ms + _NO_OPENING_MS)
    return opening


def _hours(one: Closed) -> Hours | None:
    return Hours.parse(one.windows) if one.windows else None


def _zones(row: Row) -> tuple[str, ...]:
    return (row.timezone,) if row.timezone else zones_of(row.number)
