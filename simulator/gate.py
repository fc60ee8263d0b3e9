"""Where every REST request passes: credentials, concurrency, faults, latency, the oracle's note."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from aiohttp import web

from simulator.account import authenticate
from simulator.call_request import Form, first
from simulator.fault import FAULT_CODES, NOTHING_CREATED, Fault
from simulator.refusal import MEANINGS, RefusalError
from simulator.register import RequestRecord
from simulator.simulation import Simulation

Action = Callable[[Simulation, web.Request, Form, str], web.Response]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CLIENT_GONE_CHECK_SECONDS = 0.05


def refused(refusal: RefusalError) -> web.Response:
    """Twilio's error answer."""
    return web.json_response(refusal.body(), status=refusal.http_status)


def _cut(request: web.Request, *, reset: bool) -> None:
    """Close the connection without an answer; a reset is what a crashed peer looks like (RST)."""
    transport = request.transport
    if transport is None:
        return
    if reset:
        peer = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _until_client_leaves(request: web.Request) -> None:
    # aiohttp tells a handler of a lost client only by cancelling all handlers so; hence the look.
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(CLIENT_GONE_CHECK_SECONDS)


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
        record = RequestRecord(time.time(), request.method, request.path, "", "refused")
        try:
            form = parse_qs((await request.read()).decode("utf-8", "replace"), True)
            record.to = self._destination(request, form)
            if "Calls" in request.path:
                simulation.register.requests.append(record)
            response = await self._answer(name, action, success, request, form, record)
            if simulation.settings.latency_seconds:
                await asyncio.sleep(simulation.settings.latency_seconds)
        finally:
            simulation.requests_in_flight -= 1
        response.headers["Twilio-Request-Id"] = f"RQ{secrets.token_hex(16)}"
        response.headers["Twilio-Concurrent-Requests"] = str(in_flight)
        response.headers["Twilio-Request-Duration"] = f"{time.perf_counter() - began:.3f}"
        return response

    def _destination(self, request: web.Request, form: Form) -> str:
        call = None
        if "sid" in request.match_info:
            ids = request.match_info
            call = self._simulation.register.find(ids["account_sid"], ids["sid"])
        return call.request.to if call else first(form, "To") or request.query.get("To", "")

    async def _answer(
        self,
        name: str,
        action: Action,
        success: str,
        request: web.Request,
        form: Form,
        record: RequestRecord,
    ) -> web.Response:
        simulation = self._simulation
        limit = simulation.settings.concurrent_requests
        try:
            if limit is not None and simulation.requests_in_flight > limit:
                raise RefusalError(20429)
            header = request.headers.get("Authorization", "")
            account_sid = request.match_info["account_sid"]
            password = authenticate(simulation.settings, header, account_sid, request.path)
            fault = simulation.faults.for_request(name, record.to)
            if fault is not None:
                record.outcome = f"fault:{fault.kind}"
                self._tell(request, form, record, fault.kind)
                if fault.kind in NOTHING_CREATED:
                    return self._before(fault, request)
            response = action(simulation, request, form, password)
        except RefusalError as refusal:
            record.outcome = "refused"
            self._tell(request, form, record, str(refusal))
            return refused(refusal)
        if fault is None:
            record.outcome = success
            return response
        return await self._after(fault, request, response)

    def _before(self, fault: Fault, request: web.Request) -> web.Response:
        if fault.kind == "reset_before":
            _cut(request, reset=True)
            return web.Response(status=500)
        code = FAULT_CODES.get(fault.kind, fault.code)
        default = MEANINGS[code].http_status if code in MEANINGS else 400
        refusal = RefusalError(code, f"fault ordered under /simulator/faults (code {code})")
        refusal.http_status = fault.status or default
        return refused(refusal)

    async def _after(self, fault: Fault, request: web.Request, response: web.Response) -> web.Response:
        if fault.kind == "error_after":
            return refused(RefusalError(20500))
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "hang":
            await _until_client_leaves(request)
        elif fault.kind in ("lost_answer", "reset_after"):
            _cut(request, reset=fault.kind == "reset_after")
        return response

    def _tell(self, request: web.Request, form: Form, record: RequestRecord, note: str) -> None:
        method = "" if request.method == "POST" else f"{request.method} "
        self._simulation.journal.write(
            "refused" if record.outcome == "refused" else "fault",
            record.to[:16],
            first(form, "From")[:16],
            request.match_info.get("sid", ""),
            method + note,
        )
