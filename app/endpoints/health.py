"""Health for clients, and probes for orchestrators."""

import re
import time
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs

from app import errors
from app.context import CLIENT, LEDGER, SETTINGS, STANDING, STOPPING
from app.endpoints.documented import NOT_HTTP, STORE_AWAY, answered_with, refused_with
from app.endpoints.examples.health import DEGRADED, HEALTHY, UNHEALTHY
from app.errors import InvalidRequest, LedgerAway, TooManyRequests
from app.http.access import SEVERAL
from runtime.masking import mask_refusal
from schemas.bodies.health import Health, Probe
from schemas.hours.database import VERSION as TZDATA
from schemas.moment import utc_text
from schemas.operation.troubles import Trouble, TroubleCode, of_refusal, troubles
from schemas.scripts.gauges import Condition

_CODE: Final = re.compile(r"error (\d+)")


@docs(
    tags=["Health"],
    summary="Check the service",
    description="Tells whether calls can be accepted and placed, and if not what to do about it: each of `problems` has"
    " its cause and its remedy, named within 15 s. Needs no key; with one it tells more.",
    responses=answered_with(
        Health,
        "Calls can be accepted; `degraded`: they may not be placed",
        examples={"healthy": HEALTHY, "degraded": DEGRADED},
    )
    | answered_with(Health, "`unhealthy`: the store of calls is not reachable", 503, examples={"unhealthy": UNHEALTHY})
    | refused_with(
        InvalidRequest,
        "The request carries several keys",
        "several keys",
        SEVERAL,
        {"Authorization": SEVERAL},
    )
    | refused_with(
        TooManyRequests,
        "The key is used too often, or wrong keys came from the address",
        "wrong keys",
        "Too many wrong API keys came from this address.",
    ),
)
async def health(request: web.Request) -> web.Response:
    """Tells whether calls can be accepted and placed."""
    name = request.get(CLIENT)
    stranger = name is None and bool(request.app[SETTINGS].api_keys)
    body, reachable = await health_of(request.app, name, stranger=stranger)
    return web.json_response(body, status=200 if reachable else 503)


async def health_of(app: web.Application, name: str | None, *, stranger: bool = False) -> tuple[dict[str, Any], bool]:
    """What a name is told, and whether Redis answers; a stranger has no key where one is needed."""
    settings, standing = app[SETTINGS], app[STANDING]
    try:
        condition = await app[LEDGER].condition(None if settings.tenants.sees_all(name) else name)
        state = await standing.state()
        found = troubles(
            condition,
            state,
            twilio_configured=settings.twilio_configured,
            refused=standing.refused,
            broker_away=standing.broker_away,
        )
        reachable = True
    except LedgerAway:
        condition, reachable = Condition(workers=0, beats=0, queue_depth=0), False
        found = of_refusal(standing.refused)
    status = "unhealthy" if not reachable else "degraded" if found else "healthy"
    body: dict[str, Any] = {
        "status": status,
        "twilio_configured": settings.twilio_configured,
        "celery_configured": bool(settings.broker_url),
        "redis": reachable,
        "workers": condition.workers,
        "beat": condition.beats > 0,
        **({} if stranger else {"queue_depth": condition.queue_depth, "tzdata": TZDATA}),
        "simulated": settings.simulated,
        "problems": [_told(one, stranger=stranger) for one in found],
        "timestamp": utc_text(round(time.time() * 1000)),
    }
    if condition.held:
        body["account_error"] = _code_of(condition.held) if stranger else mask_refusal(condition.held)
    if condition.drained:
        body["drained"] = True
    return body, reachable


def _told(trouble: Trouble, *, stranger: bool) -> dict[str, str]:
    """Who has no key is not told which hosts, settings or sentences of Twilio's it is about."""
    if stranger:
        return {"code": trouble.code}
    by_twilio = trouble.code is TroubleCode.ACCOUNT_HELD
    return {"code": trouble.code, "detail": f"{mask_refusal(trouble.detail) if by_twilio else trouble.detail}."}


def _code_of(reason: str) -> str:
    """Of a sentence of Twilio's only its error's code: who has no key is told no more."""
    code = _CODE.search(reason)
    return f"Twilio error {code[1]}" if code else "The account is held"


@docs(
    tags=["Health"],
    summary="Is the process alive?",
    description="Answers as long as the process does anything, whatever else is away: for an orchestrator, which"
    " restarts a process that does not.",
    responses=answered_with(Probe, "It is") | NOT_HTTP,
)
async def livez(request: web.Request) -> web.Response:
    """Answers as long as the event loop turns; needs nothing else."""
    return web.json_response({"status": "ok"})


@docs(
    tags=["Health"],
    summary="Can the process accept calls?",
    description="Answers 200 while the store of calls does, and the process was not told to stop: for an orchestrator"
    " or a load balancer, which sends requests elsewhere meanwhile.",
    responses=answered_with(Probe, "Redis answers") | NOT_HTTP | STORE_AWAY,
)
async def readyz(request: web.Request) -> web.Response:
    """Answers 200 when Redis does, until the process is told to stop."""
    if request.app[STOPPING].is_set():
        raise LedgerAway(errors.STOPPING)
    await request.app[LEDGER].ping()
    return web.json_response({"status": "ok"})
