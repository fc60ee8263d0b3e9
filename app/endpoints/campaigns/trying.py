"""A dry run of a campaign: what would become of each of its numbers."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from aiohttp import web

from app.calls.campaign_time import zone_disagrees, zones_of_row
from app.calls.skipping import Chosen, distinct_places
from app.calls.slots import Course, slots
from app.context import SETTINGS
from app.http.body.checking import BODY
from app.store.turns import turn
from runtime.zones.numbers import source_of, zones_of
from schemas.bodies.fields import Unreadable
from schemas.campaigns.rows import Row
from schemas.limits import campaign_interval_us
from schemas.moment import utc_text
from schemas.scripts.accept import Acceptance

#: What a call is taken to last.
_CALL_MS: Final = 60_000
_DAY_IS_FULL: Final = "It would be refused today: MAX_CALLS_PER_DAY leaves no room for so many numbers before {}."
_CROWDED: Final = "It would be refused now: more numbers would wait than MAX_WAITING_PER_KEY allows."
_ENDS_FIRST: Final = "{} of the numbers would not be dialled before expires_at: their reason is `expired`."


class Trial(NamedTuple):
    """What a dry run tells besides what an acceptance does."""

    fields: dict[str, Any]
    warnings: Sequence[str] = ()  #: why it does not fit


async def tried_out(request: web.Request, acceptance: Acceptance, given: Sequence[Row], chosen: Chosen) -> Trial:
    """What would become of the campaign if it were accepted now, and nothing else waited."""
    body, settings = request[BODY], request.app[SETTINGS]
    interval_us = max(campaign_interval_us(body["delay_between_calls"]), settings.limits.account.interval_us)
    begins_ms = acceptance.created_ms
    if "due" in body:
        begins_ms = max(begins_ms, round(body["due"].timestamp() * 1000))
    own = body.get("calling_windows")
    course = Course(own, settings.policy, begins_ms, interval_us / 1000, body.get("expires_at"))
    zone = own.timezone if own is not None and not own.of_recipient else None
    async with turn():
        goes = await asyncio.to_thread(slots, chosen.rows, course)
        numbers = await asyncio.to_thread(_told, given, chosen, goes, zone)
    known = [at_ms for at_ms in goes if at_ms is not None]
    late = len(goes) - len(known)
    unfit = [_DAY_IS_FULL.format(utc_text(acceptance.start_ms))] if acceptance.verdict == "full" else []
    unfit += [_CROWDED] if acceptance.verdict == "crowded" else []
    unfit += [_ENDS_FIRST.format(late)] if late else []
    finish = utc_text(max(known) + _CALL_MS) if known else None
    return Trial({"dry_run": True, "numbers": numbers, "finish": finish, "fits": not unfit}, unfit)


def _told(
    given: Sequence[Row], chosen: Chosen, goes: Sequence[int | None], zone: str | None
) -> list[dict[str, object]]:
    """Of each distinct number, in the order given; `zone` is where the campaign's windows count, if it says."""
    reasons = chosen.reasons()
    firsts = iter(goes)
    numbers = []
    for place in distinct_places(given):
        at_ms = None if place in reasons else next(firsts)
        row, reason = given[place], reasons.get(place)
        numbers.append(
            {
                "index": place,
                "to_number": row.number,
                "external_id": row.external_id,
                **_zones(row, zone),
                "first_slot": None if at_ms is None else utc_text(at_ms),
                "reason": reason or ("expired" if at_ms is None else None),
            }
        )
    return numbers


def _zones(row: Row, zone: str | None) -> dict[str, object]:
    of_number = () if isinstance(row.number, Unreadable) else zones_of(row.number)
    zones = zones_of_row(row) if row.timezone else of_number
    return {
        "zones": list(zones),
        "source": "given" if row.timezone else source_of(row.number) if zones else None,
        "zone_disagrees": bool(of_number) and zone_disagrees(row.number, row.timezone or zone),
    }
