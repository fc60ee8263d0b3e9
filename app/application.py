"""Puts the web tier together."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from app.console.pages import add_console
from app.context import (
    CALLS,
    CAMPAIGNS,
    DO_NOT_CALL,
    EVENTS,
    EXPLANATIONS,
    INDEX,
    LEDGER,
    PUBLISHER,
    RELAY,
    SETTINGS,
    STANDING,
    STOPPING,
)
from app.documentation.swagger import add_documentation
from app.endpoints.routes import add_routes
from app.endpoints.streaming.stream import add_board
from app.http.access import key_check
from app.http.body.reading import BODY_LIMIT_BYTES
from app.http.body.repeats import REPEATS, Repeats
from app.http.cors import cross_origin
from app.http.hosts import host_check
from app.http.middleware import answer_errors, log_requests
from app.http.tracing import trace_tasks
from app.publisher import Publisher
from app.relay.delivery import Sender
from app.relay.loop import Relay
from app.relay.targets import anywhere, not_public
from app.settings import Settings
from app.store.campaigns import Campaigns
from app.store.client import Store
from app.store.do_not_call import DoNotCall
from app.store.events import EventLedger
from app.store.ledger import Ledger
from app.store.reading.calls import Calls
from app.store.reading.explanations import Explanations
from app.store.reading.index import Index
from app.store.standing import Standing
from app.telemetry.metrics import METRICS, Metrics
from runtime import tracing

#: By then the probes of whoever started the process have been answered.
WARM_UP_AFTER_SECONDS = 0.2


def create_app(settings: Settings) -> web.Application:
    """An application that connects to nothing before its first request."""
    metrics = Metrics()
    traced = [trace_tasks] if tracing.active() else []
    app = web.Application(
        middlewares=[
            log_requests(metrics.requests, polls=settings.log_level == "DEBUG"),
            *traced,
            *([cross_origin(settings.cors_origins)] if settings.cors_origins else []),
            answer_errors(key_check(settings) if settings.api_keys else host_check(settings)),
        ],
        client_max_size=BODY_LIMIT_BYTES,
        handler_args={"auto_decompress": False},
    )
    app[SETTINGS] = settings
    app[METRICS] = metrics
    app[REPEATS] = Repeats()
    app[STOPPING] = asyncio.Event()
    add_routes(app)
    add_board(app, settings)
    add_documentation(app)
    if settings.console:
        add_console(app)
    app.cleanup_ctx.append(_connections)
    return app


async def _connections(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    store = Store(settings.redis_url, settings.sentinel)
    app[LEDGER] = Ledger(
        store, settings.retention_days, settings.dial_rules.most_calls_per_day, settings.most_waiting_per_key
    )
    app[CAMPAIGNS] = Campaigns(
        store, settings.retention_days, settings.dial_rules.most_calls_per_day, settings.most_waiting_per_key
    )
    app[INDEX] = Index(store, settings.limits)
    app[EXPLANATIONS] = Explanations(store, settings.limits)
    app[CALLS] = Calls(store, app[EXPLANATIONS])
    app[EVENTS] = EventLedger(store, settings.retention_days, settings.reconcile_after_seconds)
    app[DO_NOT_CALL] = DoNotCall(store)
    app[STANDING] = Standing(store, settings)
    app[PUBLISHER] = Publisher(settings.broker_url, settings.sentinel)
    app[RELAY] = Relay(
        app[EVENTS],
        Sender(settings.account_sid, settings.auth_token, settings.event_signing_keys, settings.public_base_url),
        app[METRICS],
        refusal=anywhere if settings.allow_private_webhooks else not_public,
    )
    warm_up = asyncio.get_running_loop().call_later(WARM_UP_AFTER_SECONDS, app[PUBLISHER].warm_up)
    try:
        async with app[RELAY].running():
            yield
    finally:
        warm_up.cancel()
        app[PUBLISHER].close()
        await app[CAMPAIGNS].close()
        await app[LEDGER].close()
        await app[STANDING].close()
        await store.close()
