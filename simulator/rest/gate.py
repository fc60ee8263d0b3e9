"""Where every REST request passes: credentials, concurrency, faults, latency, the oracle's note."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from aiohttp import web

from simulator.calls.call import Call
from simulator.calls.register import RequestRecord
from simulator.form.parameter import Form, first
from simulator.form.refusal import RefusalError
from simulator.rest.account import authenticate
from simulator.rest.trouble import PROXY_MARK, befall, refused
from simulator.simulation import Simulation

Action = Callable[[Simulation, web.Request, Form, str], web.Response]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Gate:
    """Turns one action on the Calls resource into an HTTP handler."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def handler(self, name: str, action: Action, success: str = "answered") -> Handler:
        """The HTTP handler of an action; `success` is what the oracle notes when it worked."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(name, action, success, request)

        return handle

    async def _handle(self, name: str, action: Action, success: str, request: web.Request) -> web.StreamResponse:
        simulation = self._simulation
        began = time.perf_counter()
        simulation.requests_in_flight += 1
        in_flight = simulation.requests_in_flight
        port = simulation.doorways.port_of(request.transport)
        record = RequestRecord(time.time(), request.method, request.path, "", "refused", name, port)
        try:
            response = await self._read_and_answer(action, success, request, record)
            if simulation.settings.latency_seconds:
                await asyncio.sleep(simulation.settings.latency_seconds)
        finally:
            simulation.requests_in_flight -= 1
        if PROXY_MARK not in response.headers:
            response.headers["Twilio-Request-Id"] = f"RQ{secrets.token_hex(16)}"
            response.headers["Twilio-Concurrent-Requests"] = str(in_flight)
            response.headers["Twilio-Request-Duration"] = f"{time.perf_counter() - began:.3f}"
        return response

    async def _read_and_answer(
        self, action: Action, success: str, request: web.Request, record: RequestRecord
    ) -> web.Response:
        if "Calls" in request.path:
            self._simulation.register.requests.append(record)
        form: Form = {}
        try:
            body = await request.read()
            form = parse_qs(body.decode("utf-8", "replace"), True)
            return await self._answer(action, success, request, form, record)
        except web.HTTPRequestEntityTooLarge:
            refusal = RefusalError(20413)
        except RefusalError as error:
            refusal = error
        record.outcome = "refused"
        self._tell(request, form, record, str(refusal))
        return refused(refusal)

    async def _answer(
        self, action: Action, success: str, request: web.Request, form: Form, record: RequestRecord
    ) -> web.Response:
        simulation = self._simulation
        call = self._call(request)
        record.to = call.request.to if call else first(form, "To") or request.query.get("To", "")
        limit = simulation.settings.concurrent_requests
        if limit is not None and simulation.requests_in_flight > limit:
            raise RefusalError(20429)
        header = request.headers.get("Authorization", "")
        password = authenticate(simulation.settings, header, request.match_info["account_sid"], request.path)
        fault = simulation.faults.for_request(record.action, record.to, call.created_at if call else None)
        if fault is None:
            response = action(simulation, request, form, password)
            record.outcome = success
            return response
        record.outcome = f"fault:{fault.kind}"
        self._tell(request, form, record, fault.kind)
        done = action(simulation, request, form, password) if fault.processed else None
        return await befall(fault, request, record.to, done)

    def _call(self, request: web.Request) -> Call | None:
        ids = request.match_info
        return self._simulation.register.find(ids["account_sid"], ids["sid"]) if "sid" in ids else None

    def _tell(self, request: web.Request, form: Form, record: RequestRecord, note: str) -> None:
        method = "" if request.method == "POST" else f"{request.method} "
        self._simulation.journal.write(
            "refused" if record.outcome == "refused" else "fault",
            record.to[:16],
            first(form, "From")[:16],
            request.match_info.get("sid", ""),
            method + note,
        )
