"""The REST API itself: the Calls resource, and its account's name plate."""

from __future__ import annotations

from aiohttp import web

from simulator.calls.call import CANCELED, COMPLETED, IN_PROGRESS, Call
from simulator.form.call_request import (
    read_call_request,
    read_document,
    read_fallback,
    read_status_callback,
    read_time_limit,
)
from simulator.form.parameter import Form, first
from simulator.form.refusal import RefusalError
from simulator.rest.paging import cut_page, envelope
from simulator.rest.resource import API_ROOT, call_resource
from simulator.simulation import Simulation


def _known(simulation: Simulation, request: web.Request) -> Call:
    account_sid, sid = request.match_info["account_sid"], request.match_info["sid"]
    call = simulation.register.find(account_sid, sid)
    if call is None:
        raise RefusalError(20404, request.path)
    return call


def create(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`POST .../Calls.json`: 201, and the call is queued."""
    checked = read_call_request(form)
    params = {name: list(values) for name, values in form.items()}
    call = simulation.place(request.match_info["account_sid"], password, checked, params)
    if not checked.events_well_formed:
        simulation.note_error(call, 21626, "Invalid 'StatusCallbackEvent'", "")
    # The dates are null in the 201 (Twilio's own example of a created call); a fetch tells them.
    answer = call_resource(call, simulation.clock) | {"date_created": None, "date_updated": None}
    return web.json_response(answer, status=201)


def fetch(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`GET .../Calls/{sid}.json`."""
    return web.json_response(call_resource(_known(simulation, request), simulation.clock))


def listing(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`GET .../Calls.json`, newest first."""
    query = request.query
    made = simulation.register.newest_first(request.match_info["account_sid"], query.get("To", ""))
    calls = (call for call in made if not simulation.faults.hides(call.request.to, call.created_at))
    page = cut_page(calls, query)
    body = envelope(page, request.path, query)
    body["calls"] = [call_resource(call, simulation.clock) for call in page.calls]
    return web.json_response(body)


def update(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`POST .../Calls/{sid}.json`: hang up, or go on with other TwiML.

    `canceled` ends a queued or ringing call and leaves one in progress alone; `completed` ends any
    (one not answered becomes `canceled`). A call that has ended is error 21220. `TimeLimit` counts from the answer.
    """
    call = _known(simulation, request)
    status = first(form, "Status")
    if status not in ("", CANCELED, COMPLETED):
        raise RefusalError(20001, f"Status is not valid: {status}")
    document = read_document(form)
    redirected = bool(document.url or document.twiml)
    limit_seconds = read_time_limit(form, call.time_limit_seconds)
    if not call.live or (redirected and not status and call.status != IN_PROGRESS):
        raise RefusalError(21220)
    if first(form, "StatusCallback"):
        call.status_callback = read_status_callback(form)
    if first(form, "FallbackUrl"):
        call.fallback = read_fallback(form)
    simulation.life_of(call).limit(limit_seconds)
    if status:
        if status == COMPLETED or call.status != IN_PROGRESS:
            simulation.life_of(call).end()
    elif redirected:
        simulation.life_of(call).redirect(document)
    simulation.changed(call)
    return web.json_response(call_resource(call, simulation.clock))


def delete(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`DELETE .../Calls/{sid}.json`: gone from the API; the oracle still remembers it."""
    call = _known(simulation, request)
    if call.live:
        raise RefusalError(20009)
    call.deleted = True
    simulation.changed(call)
    return web.Response(status=204)


def method_not_allowed(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """A method that a resource which exists has not: 20004, with those it has (RFC 9110, 15.5.6)."""
    routes = request.match_info.route.resource or ()
    refusal = RefusalError(20004)
    methods = sorted(route.method for route in routes if route.method != "*")
    return web.json_response(refusal.body(), status=refusal.http_status, headers={"Allow": ", ".join(methods)})


def account(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`GET .../Accounts/{sid}.json`, as far as a check of credentials needs it."""
    account_sid = request.match_info["account_sid"]
    return web.json_response(
        {
            "sid": account_sid,
            "friendly_name": "Simulated account",
            "status": "active",
            "type": "Full",
            "owner_account_sid": account_sid,
            "uri": f"{API_ROOT}/{account_sid}.json",
            "subresource_uris": {"calls": f"{API_ROOT}/{account_sid}/Calls.json"},
        }
    )
