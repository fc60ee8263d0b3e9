"""The HTTP application: routes, and what they share."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from simulator.calls.archive import Archive
from simulator.control.endpoints import Control
from simulator.control.front_page import front_page
from simulator.form.refusal import RefusalError
from simulator.journal import Journal
from simulator.rest import actions
from simulator.rest.gate import Gate
from simulator.rest.resource import API_ROOT
from simulator.rest.trouble import refused
from simulator.settings import Settings
from simulator.simulation import Simulation

LARGEST_BODY_BYTES = 1024 * 1024
SIMULATION = web.AppKey("simulation", Simulation)


def _add_rest_routes(app: web.Application, simulation: Simulation) -> None:
    gate = Gate(simulation)
    calls = API_ROOT + "/{account_sid}/Calls.json"
    one_call = API_ROOT + "/{account_sid}/Calls/{sid}.json"
    router = app.router
    other = gate.handler("other", actions.method_not_allowed)
    router.add_post(calls, gate.handler("create", actions.create, success="created"))
    router.add_get(calls, gate.handler("list", actions.listing), allow_head=False)
    router.add_route("*", calls, other)
    router.add_get(one_call, gate.handler("fetch", actions.fetch), allow_head=False)
    router.add_post(one_call, gate.handler("update", actions.update))
    router.add_delete(one_call, gate.handler("delete", actions.delete))
    router.add_route("*", one_call, other)
    account = API_ROOT + "/{account_sid}.json"
    router.add_get(account, gate.handler("account", actions.account), allow_head=False)
    router.add_route("*", account, other)

    async def not_found(request: web.Request) -> web.Response:
        return refused(RefusalError(20404, request.path))

    router.add_route("*", "/{path:(?!simulator/).*}", not_found)


def _add_control_routes(app: web.Application, simulation: Simulation) -> None:
    control = Control(simulation)
    router = app.router
    router.add_put("/simulator/numbers/{number}", control.script_number)
    router.add_delete("/simulator/numbers", control.clear_numbers)
    router.add_post("/simulator/faults", control.add_fault)
    router.add_get("/simulator/faults", control.list_faults)
    router.add_delete("/simulator/faults", control.clear_faults)
    router.add_get("/simulator/ports", control.ports)
    router.add_put("/simulator/ports/{port}", control.move_port)
    router.add_get("/simulator/calls", control.calls)
    router.add_delete("/simulator/calls", control.forget_calls)
    router.add_get("/simulator/summary", control.summary)

    async def root(request: web.Request) -> web.Response:
        return await front_page(simulation)

    router.add_get("/", root)


async def build_app(settings: Settings, journal: Journal, archive: Archive | None = None) -> web.Application:
    """The application; call it inside the loop that will serve it. Calls of the archive go on at once."""
    app = web.Application(client_max_size=LARGEST_BODY_BYTES)
    simulation = Simulation(settings, journal, archive)
    app[SIMULATION] = simulation

    async def ending(_app: web.Application) -> AsyncIterator[None]:
        yield
        await simulation.close()

    app.cleanup_ctx.append(ending)
    _add_control_routes(app, simulation)
    _add_rest_routes(app, simulation)
    return app
