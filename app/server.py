"""The process of the web tier: its settings, its limits, its end."""

import asyncio
import gc
import os
import resource
import signal
import sys
from dataclasses import replace
from typing import Final

import structlog
import uvloop
from aiohttp import web

from app.application import create_app
from app.context import STANDING, STOPPING
from app.door import Door
from app.errors import LedgerAway
from app.security.api_keys import GOOD_SECRET_CHARACTERS
from app.settings import Settings
from app.telemetry import logs
from runtime import tracing
from schemas.errors import SettingsError

log = structlog.get_logger("app")

_ASKED_BY: Final = (signal.SIGTERM, signal.SIGINT)

#: Deliveries to clients then have app.relay.loop.STOP_SECONDS: within ten seconds all is over.
SHUTDOWN_SECONDS = 4

#: Files of the process besides its clients' connections: Redis, deliveries to clients (of each some addresses may be
#: tried at once), looking up their names, logs, libraries.
_OTHER_FILES = 2048

#: Objects, and collections of younger ones, after which garbage is looked for.
_COLLECT_AFTER = 20_000, 20, 50

#: How long the thread that loads Celery and wakes the workers may hold up the event loop; Python's own is 5 ms.
_SWITCH_SECONDS = 0.0005


def main() -> None:
    """Reads the settings and serves until SIGTERM or SIGINT."""
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    logs.configure(settings)
    if not tracing.start("celery-twilio-web", settings.otlp_endpoint):
        log.warning("tracing_not_installed", extra_wanted="tracing")
    if guessable := settings.api_keys.short_names():
        log.warning("api_keys_short", names=guessable, good_characters=GOOD_SECRET_CHARACTERS)
    if names := settings.names_signed_with_token:
        log.warning("events_signed_with_token", names=names, remedy="EVENT_SIGNING_KEYS")
    if (
        settings.twilio_configured
        and not settings.simulated
        and settings.dial_rules.are_open
        and not settings.limits.most_minutes_a_day
    ):
        log.warning("calls_may_go_anywhere", remedy="ALLOWED_PREFIXES, MAX_CALLS_PER_DAY or MAX_CALL_MINUTES_PER_DAY")
    sys.setswitchinterval(_SWITCH_SECONDS)
    failure = uvloop.run(serve(_with_files(settings)))
    for number in _ASKED_BY:
        signal.signal(number, signal.SIG_IGN)  # it ends anyway; Python, ending, would die of one more
    tracing.stop()
    sys.exit(failure)


async def serve(settings: Settings) -> str | None:
    """Serves until SIGTERM or SIGINT; requests under way then have SHUTDOWN_SECONDS. Returns why it could not."""
    asked_to_stop = asyncio.Event()
    for number in _ASKED_BY:
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    runner = web.AppRunner(create_app(settings), shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    standing = runner.app[STANDING]
    try:
        await standing.start()
    except LedgerAway:
        log.warning("redis_not_looked_at", reason="it does not answer yet")
    except SettingsError as error:
        await runner.cleanup()
        return str(error)
    try:
        await Door(runner, settings.host, settings.port, settings.max_connections).start()
    except OSError as error:
        await runner.cleanup()
        return f"Cannot listen on {settings.host} port {settings.port} (APP_HOST, APP_PORT): {error.strerror}."
    _collect_less()
    reporting = asyncio.create_task(standing.go_on())
    reporting.add_done_callback(lambda _: asked_to_stop.set())
    try:
        await asked_to_stop.wait()
        runner.app[STOPPING].set()  # what asks whether it is ready turns to others, before connections are refused
        await asyncio.sleep(settings.stop_pause_seconds)
        reporting.cancel()
        (ended,) = await asyncio.gather(reporting, return_exceptions=True)
        await standing.leave()
        return str(ended) if isinstance(ended, SettingsError) else None
    finally:
        await runner.cleanup()


def _collect_less() -> None:
    """What the start made stays until the end, so it is not searched for garbage; requests make next to no cycles."""
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    gc.enable()


def _with_files(settings: Settings) -> Settings:
    """
    Raises the number of open files that the process is allowed. Where the system does not let it be raised as far as
    is needed there are fewer connections: those that it could not accept would keep all others out.
    """
    wanted = settings.max_connections + _OTHER_FILES
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    within = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if allowed != resource.RLIM_INFINITY and allowed < within:
        resource.setrlimit(resource.RLIMIT_NOFILE, (within, most))
    if within == wanted:
        return settings
    connections = max(within - _OTHER_FILES, within // 2)
    log.warning("few_files", allowed=within, connections=connections, remedy=f"ulimit -n {wanted}, or more")
    return replace(settings, max_connections=connections)
