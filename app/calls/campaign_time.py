"""When the numbers of a campaign may be called: what of it goes into its record, and what is refused."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

from aiohttp import web

from app.calls.planning import NO_ZONE, OVER, expiry_fields, is_repeated, no_common_hour
from app.context import CAMPAIGNS, SETTINGS
from app.errors import InvalidRequest
from app.http.body.checking import invalid_request
from app.store.turns import turn
from runtime.zones.numbers import zones_of
from schemas.campaigns.rows import Row
from schemas.hours.edited import NEVER
from schemas.hours.plan import Policy, Unplanned, ever_opens, plan
from schemas.hours.window import Hours

#: By zones and a row's own end, why one that is there could not be called, as a word and a sentence; None if it could.
FaultOf: TypeAlias = Callable[[tuple[str, ...], int | None], tuple[Unplanned, str] | None]


async def time_of_campaign(request: web.Request, body: dict[str, Any], rows: Sequence[Row]) -> dict[str, str]:
    """A campaign's windows and its end, for its record. Raises InvalidRequest if some number could never be called."""
    try:
        return await _time_of_campaign(request, body, rows)
    except InvalidRequest:
        if body["dry_run"] or not await is_repeated(request):
            raise
        return dict(OVER)


async def _time_of_campaign(request: web.Request, body: dict[str, Any], rows: Sequence[Row]) -> dict[str, str]:
    own: Hours | None = body.get("calling_windows")
    policy = request.app[SETTINGS].policy
    now_ms = round(time.time() * 1000)
    due_ms = round(body["due"].timestamp() * 1000) if "due" in body else now_ms
    fields = expiry_fields(body, now_ms, due_ms)
    if own is not None or policy.hours is not None:
        if own is not None and not ever_opens(own, due_ms):
            raise invalid_request({"calling_windows": [NEVER]})
        faults = await _faults(own, policy, rows, due_ms, body.get("expires_at"))
        if faults:
            raise _refused(body, rows, faults)
        fields |= {"unplanned": "1"} | ({"windows": own.text()} if own else {})
    return fields


async def check_further(request: web.Request, campaign_id: str, body: dict[str, Any], rows: Sequence[Row]) -> None:
    """Raises InvalidRequest if some number that comes to a campaign could never be called in what is left of it."""
    faults = await _faults_of_further(request, campaign_id, rows)
    if faults and not await is_repeated(request):
        raise _refused(body, rows, faults)


async def uncallable_further(request: web.Request, campaign_id: str, rows: Sequence[Row]) -> dict[int, str]:
    """As `uncallable`, of numbers that come to a campaign."""
    faults = await _faults_of_further(request, campaign_id, rows)
    return {place: str(reason) for place, (reason, _) in faults.items()}


async def _faults_of_further(
    request: web.Request, campaign_id: str, rows: Sequence[Row]
) -> dict[int, tuple[Unplanned, str]]:
    record = (await request.app[CAMPAIGNS].before_edit(campaign_id)).record
    own = Hours.parse(record["windows"]) if record.get("windows") else None
    policy = request.app[SETTINGS].policy
    if own is None and policy.hours is None:
        return {}
    now_ms = round(time.time() * 1000)
    due_ms = max(now_ms, int(record.get("due_ms", 0)))
    until_ms = int(record["expires_ms"]) if record.get("expires_ms") else None
    if until_ms is not None and until_ms <= now_ms:
        return {}  # whatever the numbers are, it takes none
    return await _faults(own, policy, rows, due_ms, until_ms)


async def _faults(
    own: Hours | None, policy: Policy, rows: Sequence[Row], due_ms: int, until_ms: int | None
) -> dict[int, tuple[Unplanned, str]]:
    """As `faults_of_rows`, which takes long for rows of many zones and ends, and so is done in turns."""
    async with turn():
        return await asyncio.to_thread(faults_of_rows, own, policy, rows, due_ms, until_ms)


async def uncallable(request: web.Request, body: dict[str, Any], rows: Sequence[Row]) -> dict[int, str]:
    """The places of rows that could never be called, with the word for why."""
    own: Hours | None = body.get("calling_windows")
    policy = request.app[SETTINGS].policy
    if own is None and policy.hours is None:
        return {}
    due_ms = round(body["due"].timestamp() * 1000) if "due" in body else round(time.time() * 1000)
    if own is not None and not ever_opens(own, due_ms):
        return {}  # that is about all of them, and refused
    faults = await _faults(own, policy, rows, due_ms, body.get("expires_at"))
    return {place: str(reason) for place, (reason, _) in faults.items()}


def zones_of_row(row: Row) -> tuple[str, ...]:
    """In which time zones whom it calls may be: where the client says, or else by the number."""
    return (row.timezone,) if row.timezone else zones_of(row.number)


def zone_disagrees(number: str, said: str | None) -> bool:
    """Whether the zone that its client says is none of those of the number: people move."""
    return bool(said and (known := zones_of(number)) and said not in known)


def faults_of_rows(
    own: Hours | None, policy: Policy, rows: Sequence[Row], due_ms: int, until_ms: int | None
) -> dict[int, tuple[Unplanned, str]]:
    """Why numbers cannot be called, as a word and a sentence, by their places."""
    fault_of = fault_in(own, policy, due_ms, until_ms)
    faults = ((place, fault_of(zones_of_row(row), row.expires_ms)) for place, row in enumerate(rows))
    return {place: fault for place, fault in faults if fault}


def fault_in(own: Hours | None, policy: Policy, due_ms: int, until_ms: int | None) -> FaultOf:
    """For many rows: it plans for each zones and each end once."""

    @cache
    def fault(zones: tuple[str, ...], expires_ms: int | None) -> tuple[Unplanned, str] | None:
        last_ms = min((at_ms for at_ms in (expires_ms, until_ms) if at_ms is not None), default=None)
        found = plan(own, policy, lambda: zones, due_ms, last_ms)
        if not isinstance(found, Unplanned):
            return None
        return found, NO_ZONE if found is Unplanned.NO_ZONE else no_common_hour(zones, last_ms)

    return fault


def _refused(body: dict[str, Any], rows: Sequence[Row], faults: dict[int, tuple[Unplanned, str]]) -> InvalidRequest:
    return invalid_request(
        _by_field(body, {(rows[place].number, rows[place].external_id): faults[place][1] for place in faults})
    )


def _by_field(body: dict[str, Any], faults: dict[tuple[str, str | None], str]) -> dict[str, Any]:
    """The sentences at the places at which the body has those numbers."""
    if numbers := body.get("phone_numbers"):
        places = {place: faults[(number, None)] for place, number in enumerate(numbers) if (number, None) in faults}
        return {"phone_numbers": {place: [fault] for place, fault in places.items()}}
    given = [(one["to_number"], one.get("external_id")) for one in body["recipients"]]
    return {"recipients": {place: {"to_number": [faults[one]]} for place, one in enumerate(given) if one in faults}}
