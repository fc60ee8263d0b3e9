"""The listening ports, and what is behind them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from simulator.network.way import Way
from simulator.server import SIMULATION

SHUTDOWN_SECONDS = 0.2
_HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: a port, others that are so many milliseconds away, there and back, and TLS for all of them.

    Without a `distance_ms` of its own and without TLS the first port is Twilio's end itself.
    """

    host: str
    port: int
    distance_ms: float | None
    also: tuple[tuple[int, float], ...]
    tls: ssl.SSLContext | None


def tls_context(certificate: str, key: str | None) -> ssl.SSLContext:
    """The server's side of TLS; the key may be in the certificate's file. Raises OSError if they cannot be used."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise OSError(f"the certificate in {certificate} cannot be used: {error.reason}") from error
    except FileNotFoundError as error:
        raise OSError(f"there is no certificate in {certificate}, or no key in {key or certificate}") from error
    return context


@asynccontextmanager
async def serving(app: web.Application, place: Place) -> AsyncIterator[list[str]]:
    """Serve; what to say about it, the first port last. Raises OSError if a port cannot be had."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    simulation = app[SIMULATION]
    direct = place.distance_ms is None and not place.also and place.tls is None
    try:
        host, port = (place.host, place.port) if direct else (_HERE, 0)
        await web.TCPSite(runner, host, port, backlog=1024, ssl_context=place.tls).start()
        inner_port = runner.addresses[0][1]
        doors = [] if direct else [(place.port, place.distance_ms or 0.0), *place.also]
        for wanted, round_trip_ms in doors:
            faults = simulation.faults
            way = Way(
                round_trip_ms, inner_port, place.tls is not None, faults.for_connection, simulation.doorways.ports
            )
            await simulation.doorways.open(way, place.host, wanted)
        yield _said(place, inner_port, simulation.doorways.ways())
    finally:
        simulation.doorways.close()
        await runner.cleanup()


def _said(place: Place, inner_port: int, ways: list[Way]) -> list[str]:
    scheme = "https" if place.tls else "http"
    host = f"[{place.host}]" if ":" in place.host else place.host
    also = [
        f"simulator also listening on {scheme}://{host}:{way.port}, {way.round_trip_ms:g} ms away" for way in ways[1:]
    ]
    return [*also, f"simulator listening on {scheme}://{host}:{ways[0].port if ways else inner_port}"]
