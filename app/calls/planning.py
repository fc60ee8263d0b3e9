"""When the calls of a request may leave: what of it goes into their records, and what is refused."""

import asyncio
import time
from functools import partial
from typing import Any, Final

from aiohttp import web

from app.context import LEDGER, SETTINGS
from app.errors import InvalidRequest
from app.http.body.checking import invalid_request
from app.http.idempotency import key_digest
from runtime.zones.numbers import zones_of
from schemas.hours.edited import NEVER
from schemas.hours.opening import Opening
from schemas.hours.plan import MOST_WAIT_DAYS, Policy, Unplanned, plan
from schemas.hours.window import Hours
from schemas.moment import utc_text

NO_ZONE: Final = (
    "no_zone: It cannot be told from the number in which time zone its owner is; give calling_windows an IANA timezone."
)
_MOST_ZONES_NAMED: Final = 3
#: Fields of a body that say when its calls may leave.
_OF_TIME: Final = frozenset({"calling_windows", "expires_at"})
#: In the record that a repeated request never gets.
OVER: Final = {"expires_ms": "1"}


def has_times(body: dict[str, Any], policy: Policy) -> bool:
    """Whether a single call has any: by its body, or by the operator's hours."""
    return not _OF_TIME.isdisjoint(body) or policy.hours is not None


async def time_fields(request: web.Request, body: dict[str, Any], due_ms: int | None, delay_ms: int) -> dict[str, str]:
    """A single call's windows, opening and end, for its record. Raises InvalidRequest if it has no opening."""
    try:
        return await _time_fields(request, body, due_ms, delay_ms)
    except InvalidRequest:
        if not await is_repeated(request):
            raise
        return dict(OVER)


async def is_repeated(request: web.Request) -> bool:
    """Whether the same was answered before: it is answered so again, whatever is open, or over, now."""
    digest = key_digest(request)
    return bool(digest) and await request.app[LEDGER].is_answered(digest)


async def _time_fields(request: web.Request, body: dict[str, Any], due_ms: int | None, delay_ms: int) -> dict[str, str]:
    own: Hours | None = body.get("calling_windows")
    policy = request.app[SETTINGS].policy
    now_ms = round(time.time() * 1000)
    due_ms = due_ms if due_ms is not None else now_ms + delay_ms
    fields = expiry_fields(body, now_ms, due_ms)
    if own is None and policy.hours is None:
        return fields
    to, until_ms = body["to_number"], body.get("expires_at")
    opening = await asyncio.to_thread(plan, own, policy, partial(zones_of, to), due_ms, until_ms)
    if isinstance(opening, Opening):
        fields |= {"opens_ms": str(opening.opens_ms), "closes_ms": str(opening.closes_ms)}
    elif opening is not None:
        raise invalid_request({_field_of(opening, own): [sentence_of(opening, to, until_ms)]})
    if policy.name:
        fields["planned_by"] = policy.name
    return fields | ({"windows": own.text()} if own else {})


def expiry_fields(body: dict[str, Any], now_ms: int, due_ms: int) -> dict[str, str]:
    """When what has not begun ends; raises InvalidRequest if that is before anything could begin."""
    expires_ms = body.get("expires_at")
    if expires_ms is None:
        return {}
    if expires_ms <= now_ms:
        raise invalid_request({"expires_at": ["Must be in the future."]})
    if expires_ms <= due_ms:
        raise invalid_request({"expires_at": [f"Must be later than the start, {utc_text(due_ms)}."]})
    return {"expires_ms": str(expires_ms)}


def _field_of(reason: Unplanned, own: Hours | None) -> str:
    return "to_number" if own is None or reason is Unplanned.NO_ZONE else "calling_windows"


def sentence_of(reason: Unplanned, to: str, until_ms: int | None) -> str:
    """Why a call to the number has no opening."""
    if reason is Unplanned.NEVER_OPEN:
        return NEVER
    if reason is Unplanned.NO_ZONE:
        return NO_ZONE
    return no_common_hour(zones_of(to), until_ms)


def no_common_hour(zones: tuple[str, ...], until_ms: int | None) -> str:
    """Why what may be called in these zones is never called."""
    named = ", ".join(zones[:_MOST_ZONES_NAMED])
    others = f" and {len(zones) - _MOST_ZONES_NAMED} more" if len(zones) > _MOST_ZONES_NAMED else ""
    until = f" or before expires_at, {utc_text(until_ms)}," if until_ms else ""
    return (
        f"no_common_hour: Within {MOST_WAIT_DAYS} days of the call's start{until} there is no instant at which it may"
        f" leave by all windows, in every zone in which the called party may be ({named}{others})."
    )
