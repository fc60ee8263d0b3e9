"""The HTTP application: routes, and what they share."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from simulator import rest
from simulator.control import Control
from simulator.front_page import front_page
from simulator.gate import Gate, refused
from simulator.journal import Journal
from simulator.refusal import RefusalError
from simulator.resource import API_ROOT
from simulator.settings import Settings
from simulator.simulation import Simulation

LARGEST_BODY_BYTES = 1024 * 1024
SIMULATION = web.AppKey("simulation", Simulation)


def _add_rest_routes(app: web.Application, simulation: Simulation) -> None:
    gate = Gate(simulation)
    calls = API_ROOT + "/{account_sid}/Calls.json"
    one_call = API_ROOT + "/{account_sid}/Calls/{sid}.json"
    router = app.router
    router.add_post(calls, gate.handler("create", rest.create, success="created"))
    router.add_get(calls, gate.handler("list", rest.listing), allow_head=False)
    router.add_get(one_call, gate.handler("fetch", rest.fetch), allow_head=False)
    router.add_post(one_call, gate.handler("update", rest.update))
    router.add_delete(one_call, gate.handler("delete", rest.delete))
    router.add_get(API_ROOT + "/{account_sid}.json", gate.handler("account", rest.account), allow_head=False)

    async def not_found(request: web.Request) -> web.Response:
        return refused(RefusalError(20404, request.path))

    router.add_route("*", "/2010-04-01/{rest:.*}", not_found)


def _add_control_routes(app: web.Application, simulation: Simulation) -> None:
    control = Control(simulation)
    router = app.router
    router.add_put("/simulator/numbers/{number}", control.script_number)
    router.add_delete("/simulator/numbers", control.clear_numbers)
    router.add_post("/simulator/faults", control.add_fault)
    router.add_get("/simulator/faults", control.list_faults)
    router.add_delete("/simulator/faults", control.clear_faults)
    router.add_get("/simulator/calls", control.calls)
    router.add_delete("/simulator/calls", control.forget_calls)
    router.add_get("/simulator/summary", control.summary)

    async def root(request: web.Request) -> web.Response:
        return await front_page(simulation)

    router.add_get("/", root)


async def build_app(settings: Settings, journal: Journal) -> web.Application:
    """The application; call it inside the loop that will serve it."""
    app = web.Application(client_max_size=LARGEST_BODY_BYTES)
    simulation = Simulation(settings, journal)
    app[SIMULATION] = simulation

    async def ending(_app: web.Application) -> AsyncIterator[None]:
        yield
        await simulation.close()

    app.cleanup_ctx.append(ending)
    _add_control_routes(app, simulation)
    _add_rest_routes(app, simulation)
    return app
