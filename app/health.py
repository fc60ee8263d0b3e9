"""Health for clients, and probes for orchestrators."""

import time

from aiohttp import web
from aiohttp_apispec import docs

from app.context import LEDGER, SETTINGS
from app.documentation import STORE_AWAY, answered_with
from app.errors import LedgerAway
from app.ledger import Pulse
from schemas.answers import Health, Probe
from schemas.moment import utc_text


@docs(
    tags=["Health"],
    summary="Check the service",
    responses=answered_with(Health, "Calls can be accepted; `degraded`: they may not be placed")
    | answered_with(Health, "`unhealthy`: the store of calls is not reachable", 503),
)
async def health(request: web.Request) -> web.Response:
    """Tells whether calls can be accepted and placed."""
    settings = request.app[SETTINGS]
    try:
        pulse = await request.app[LEDGER].pulse()
        reachable = True
    except LedgerAway:
        pulse, reachable = Pulse(workers=0, beats=0, queue_depth=0), False
    working = bool(
        settings.twilio_configured and pulse.workers and pulse.beats and not pulse.halted and not pulse.drained
    )
    status = "unhealthy" if not reachable else "healthy" if working else "degraded"
    body = {
        "status": status,
        "twilio_configured": settings.twilio_configured,
        "celery_configured": bool(settings.broker_url),
        "redis": reachable,
        "workers": pulse.workers,
        "beat": pulse.beats > 0,
        "queue_depth": pulse.queue_depth,
        "simulated": settings.simulated,
        "timestamp": utc_text(round(time.time() * 1000)),
    }
    if pulse.halted:
        body["account_error"] = pulse.halted
    if pulse.drained:
        body["drained"] = True
    return web.json_response(body, status=200 if reachable else 503)


@docs(tags=["Health"], summary="Is the process alive?", responses=answered_with(Probe, "It is"))
async def livez(request: web.Request) -> web.Response:
    """Answers as long as the event loop turns; needs nothing else."""
    return web.json_response({"status": "ok"})


@docs(
    tags=["Health"],
    summary="Can the process accept calls?",
    responses=answered_with(Probe, "Redis answers") | STORE_AWAY,
)
async def readyz(request: web.Request) -> web.Response:
    """Answers 200 when Redis does."""
    await request.app[LEDGER].ping()
    return web.json_response({"status": "ok"})
