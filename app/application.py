"""Puts the web tier together."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

import tracing
from app.access import key_check
from app.body import BODY_LIMIT_BYTES
from app.context import EVENTS, LEDGER, PUBLISHER, RELAY, SETTINGS
from app.cors import cross_origin
from app.events import EventLedger
from app.ledger import Ledger
from app.metrics import METRICS, Metrics
from app.middleware import answer_errors, log_requests
from app.publisher import Publisher
from app.relay import Relay
from app.routes import add_routes
from app.settings import Settings
from app.store import Store
from app.swagger import add_documentation
from app.targets import anywhere, not_public
from app.tracing import trace_tasks

#: By then the probes of whoever started the process have been answered.
WARM_UP_AFTER_SECONDS = 0.2


def create_app(settings: Settings) -> web.Application:
    """An application that connects to nothing before its first request."""
    traced = [trace_tasks] if tracing.active() else []
    app = web.Application(
        middlewares=[
            log_requests,
            *traced,
            *([cross_origin(settings.cors_origins)] if settings.cors_origins else []),
            answer_errors,
            *([key_check(settings)] if settings.api_keys else []),
        ],
        client_max_size=BODY_LIMIT_BYTES,
    )
    app[SETTINGS] = settings
    app[METRICS] = Metrics()
    add_routes(app)
    add_documentation(app)
    app.cleanup_ctx.append(_connections)
    return app


async def _connections(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    store = Store(settings.redis_url, settings.sentinel)
    app[LEDGER] = Ledger(store, settings.retention_days, settings.dial_rules.most_calls_per_day)
    app[EVENTS] = EventLedger(store, settings.retention_days, settings.reconcile_after_seconds)
    app[PUBLISHER] = Publisher(settings.broker_url, settings.sentinel)
    app[RELAY] = Relay(
        app[EVENTS],
        next(iter(settings.auth_tokens), ""),
        app[METRICS],
        refusal=anywhere if settings.allow_private_webhooks else not_public,
    )
    warm_up = asyncio.get_running_loop().call_later(WARM_UP_AFTER_SECONDS, app[PUBLISHER].warm_up)
    async with app[RELAY].running():
        yield
    warm_up.cancel()
    app[PUBLISHER].close()
    await store.close()
