"""The control API under `/simulator/`: scripts, faults, and the oracle. Not Twilio's."""

from __future__ import annotations

import json
from dataclasses import asdict

from aiohttp import web

from simulator.control.oracle import report, summary
from simulator.form.phone_number import is_phone_number
from simulator.orders.fault import CONNECTION_KINDS, read_fault
from simulator.orders.reading import OrderError, fields_of, seconds_of
from simulator.simulation import Simulation

NO_DOORWAY = "start with --distance-ms, --also or --tls-cert"


def _error(sentence: str) -> web.Response:
    return web.json_response({"detail": sentence}, status=400)


async def _json_body(request: web.Request) -> object:
    try:
        body: object = json.loads(await request.read())
    except ValueError as error:
        raise OrderError(f"the body is not JSON: {error}") from error
    return body


class Control:
    """HTTP handlers of the control API."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def script_number(self, request: web.Request) -> web.Response:
        """`PUT /simulator/numbers/{number}`: how the next calls to it go."""
        number = request.match_info["number"]
        if not is_phone_number(number):
            return _error("the number must be in E.164 form, with its plus sign")
        try:
            script = self._simulation.numbers.order(number, await _json_body(request))
        except OrderError as error:
            return _error(str(error))
        return web.json_response({"number": number} | asdict(script))

    async def clear_numbers(self, request: web.Request) -> web.Response:
        """`DELETE /simulator/numbers`: every number behaves by default again."""
        self._simulation.numbers.scripts.clear()
        return web.Response(status=204)

    async def add_fault(self, request: web.Request) -> web.Response:
        """`POST /simulator/faults`."""
        try:
            order = await _json_body(request)
            if read_fault(order, 0).kind in CONNECTION_KINDS and not self._simulation.doorways.opened:
                raise OrderError(f"connections cannot fail here: {NO_DOORWAY}")
            fault = self._simulation.faults.add(order)
        except OrderError as error:
            return _error(str(error))
        return web.json_response(asdict(fault), status=201)

    async def list_faults(self, request: web.Request) -> web.Response:
        """`GET /simulator/faults`: those in force, with the times left."""
        return web.json_response({"faults": self._simulation.faults.listed()})

    async def clear_faults(self, request: web.Request) -> web.Response:
        """`DELETE /simulator/faults`."""
        self._simulation.faults.clear()
        return web.Response(status=204)

    async def ports(self, request: web.Request) -> web.Response:
        """`GET /simulator/ports`: those that have a distance, with it."""
        return web.json_response({"ports": [way.described() for way in self._simulation.doorways.ways()]})

    async def move_port(self, request: web.Request) -> web.Response:
        """`PUT /simulator/ports/{port}`: how far away it is from now on."""
        ways = {str(way.port): way for way in self._simulation.doorways.ways()}
        way = ways.get(request.match_info["port"])
        try:
            if way is None:
                raise OrderError(f"no such port has a distance: {NO_DOORWAY}")
            order = fields_of(await _json_body(request), ("round_trip_ms",))
            way.round_trip_ms = seconds_of(order.get("round_trip_ms"), "round_trip_ms")
        except OrderError as error:
            return _error(str(error))
        return web.json_response(way.described())

    async def calls(self, request: web.Request) -> web.StreamResponse:
        """`GET /simulator/calls?since=&to=`: what the simulator knows of every call."""
        try:
            since = float(request.query.get("since", "0"))
        except ValueError:
            return _error("since must be epoch seconds")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        async for piece in report(self._simulation.register, since, request.query.get("to", "")):
            await response.write(piece.encode())
        await response.write_eof()
        return response

    async def summary(self, request: web.Request) -> web.Response:
        """`GET /simulator/summary`: counts."""
        return web.json_response(summary(self._simulation.register))

    async def forget_calls(self, request: web.Request) -> web.Response:
        """`DELETE /simulator/calls`: forget calls and requests; live ones end silently."""
        self._simulation.forget_calls()
        return web.Response(status=204)
