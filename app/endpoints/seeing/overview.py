"""GET /overview: what there is now and what comes, for a person who looks."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import CLIENT, INDEX, LEDGER, SETTINGS, STANDING
from app.endpoints.documented import STORE_AWAY, answered_with
from app.http.answers import json_answer
from app.settings import Settings
from runtime.masking import mask_refusal
from schemas.bodies.seeing.overview import Overview
from schemas.listing.now import Hours, Now
from schemas.listing.waiting import campaign_waits_for, waiting_counts
from schemas.moment import utc_text
from schemas.operation.part import Part, numbered
from schemas.operation.troubles import Trouble, TroubleCode, troubles

MINUTES: Final = 60
HOURS: Final = 72
MOST_CAMPAIGNS: Final = 100


@docs(
    tags=["Health"],
    summary="See what there is now and what comes",
    description=(
        "Counts are of the key's own tasks, unless it sees everybody's; those that do are told of each worker, beat "
        "and web process, too."
    ),
    responses=answered_with(Overview, "What there is at this instant") | STORE_AWAY,
)
async def overview(request: web.Request) -> web.StreamResponse:
    """Tells whether calls go, what waits for what, what began in the last hour and what is due in the next days."""
    return json_answer(await overview_of(request.app, request.get(CLIENT)))


async def overview_of(app: web.Application, name: str | None) -> dict[str, Any]:
    """What a name is told; raises LedgerAway when Redis does not answer."""
    settings, index = app[SETTINGS], app[INDEX]
    client = None if settings.tenants.sees_all(name) else name
    now, hours, condition, state = await asyncio.gather(
        index.now(client, MOST_CAMPAIGNS),
        index.hours(client, MINUTES, HOURS),
        app[LEDGER].condition(client),
        app[STANDING].state(),
    )
    standing = app[STANDING]
    found = troubles(
        condition,
        state,
        twilio_configured=settings.twilio_configured,
        refused=standing.refused,
        broker_away=standing.broker_away,
    )
    body: dict[str, Any] = {
        "now": utc_text(hours.now_ms),
        **_health(found, now),
        "simulated": settings.simulated,
        "drained_since": utc_text(now.facts.drained_ms) if now.facts.drained_ms else None,
        "account": _account(now),
        **_calls(now, hours, settings),
        "undelivered_events": now.untold,
        "workers": condition.workers,
        "beats": condition.beats,
        "ahead": _ahead(hours),
    }
    if settings.tenants.sees_figures(name):
        names = numbered(condition.parts)
        body["parts"] = [_part(part, names[part.name]) for part in condition.parts]
    return body


def _health(found: Sequence[Trouble], now: Now) -> dict[str, Any]:
    problems = [{"code": one.code, "detail": _detail(one)} for one in found]
    sentence = problems[0]["detail"] if problems else "Calls are accepted and placed."
    paused = not problems and now.facts.paused_us > now.facts.now_us
    if paused:
        until = utc_text(now.facts.paused_us / 1000)
        why = "Twilio said wait, queues calls itself or was not reached"
        sentence = f"No call goes until {until}, for {why}; then they go on by themselves."
    return {"health": {"status": "degraded" if problems else "healthy", "sentence": sentence}, "problems": problems}


def _detail(trouble: Trouble) -> str:
    by_twilio = trouble.code is TroubleCode.ACCOUNT_HELD
    return f"{mask_refusal(trouble.detail) if by_twilio else trouble.detail}."


def _account(now: Now) -> dict[str, Any]:
    facts = now.facts
    return {
        "held": mask_refusal(facts.hold_reason) or None,
        "next_probe_at": utc_text(facts.probe_ms) if facts.hold_reason else None,
        "paused_until": _future(facts.paused_us, facts.now_us),
        "next_call_at": _future(facts.account_free_us, facts.now_us),
        "next_single_call_at": _future(facts.singles_free_us, facts.now_us),
    }


def _calls(now: Now, hours: Hours, settings: Settings) -> dict[str, Any]:
    limits, counts = settings.limits, waiting_counts(now, settings.limits)
    late_ms = 0 if now.longest_due_ms is None else max(0, now.facts.now_us / 1000 - now.longest_due_ms)
    return {
        "calls": {
            "last_minute": hours.last_minute,
            "limit_per_minute": round(limits.calls_per_second * 60, 3),
            "last_hour": hours.begun,
        },
        "live": {"total": sum(now.live.values()), "limit": limits.max_live_calls, "by_state": now.live},
        "waiting": {
            "total": sum(counts.values()),
            "due": now.due_calls + now.due_campaigns,
            "later": now.later_calls + now.later_campaigns,
            "by_waiting_for": {str(word): count for word, count in counts.items()},
        },
        "next_due_at": None if now.next_due_ms is None else utc_text(now.next_due_ms),
        "longest_due_seconds": round(late_ms / 1000, 3),
        "campaigns": [
            {
                "task_id": campaign.task_id,
                "name": campaign.name or None,
                "waiting": campaign.waiting,
                "waiting_for": campaign_waits_for(campaign, now, limits) if campaign.waiting else None,
                "live": campaign.live,
                "max_live": campaign.max_live,
            }
            for campaign in now.campaigns
        ],
    }


def _ahead(hours: Hours) -> dict[str, Any]:
    return {
        "hours": [
            {"begins_at": utc_text(hour.begins_ms), "calls": hour.calls, "campaigns": hour.campaigns}
            for hour in hours.coming
        ],
        "beyond": {"calls": hours.beyond_calls, "campaigns": hours.beyond_campaigns},
    }


def _part(part: Part, name: str) -> dict[str, Any]:
    return {"name": name, "kind": part.kind, "clock_ahead_seconds": part.ahead_ms / 1000}


def _future(at_us: int, now_us: int) -> str | None:
    return utc_text(at_us / 1000) if at_us > now_us else None
