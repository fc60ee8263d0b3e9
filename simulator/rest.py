"""The REST API itself: the Calls resource, and its account's name plate."""

from __future__ import annotations

from aiohttp import web

from simulator.call import CANCELED, COMPLETED, IN_PROGRESS, Call
from simulator.call_request import Form, first, read_call_request, read_callback, read_document
from simulator.paging import cut_page, envelope
from simulator.refusal import RefusalError
from simulator.resource import API_ROOT, call_resource
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
    return web.json_response(call_resource(call, simulation.clock), status=201)


def fetch(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`GET .../Calls/{sid}.json`."""
    return web.json_response(call_resource(_known(simulation, request), simulation.clock))


def listing(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`GET .../Calls.json`, newest first."""
    query = request.query
    calls = simulation.register.newest_first(request.match_info["account_sid"], query.get("To", ""))
    page = cut_page(calls, query)
    body = envelope(page, request.path, query)
    body["calls"] = [call_resource(call, simulation.clock) for call in page.calls]
    return web.json_response(body)


def update(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`POST .../Calls/{sid}.json`: hang up, or go on with other TwiML.

    `canceled` ends a queued or ringing call and leaves one in progress alone; `completed` ends any
    (one not answered becomes `canceled`). A call that has ended is error 21220.
    """
    call = _known(simulation, request)
    status = first(form, "Status")
    if status not in ("", CANCELED, COMPLETED):
        raise RefusalError(20001, f"Status is not valid: {status}")
    document = read_document(form)
    redirected = bool(document.url or document.twiml)
    if not call.live or (redirected and not status and call.status != IN_PROGRESS):
        raise RefusalError(21220)
    if first(form, "StatusCallback"):
        call.status_callback = read_callback(form, "StatusCallback")
    if status:
        if status == COMPLETED or call.status != IN_PROGRESS:
            simulation.life_of(call).end()
    elif redirected:
        simulation.life_of(call).redirect(document)
    return web.json_response(call_resource(call, simulation.clock))


def delete(simulation: Simulation, request: web.Request, form: Form, password: str) -> web.Response:
    """`DELETE .../Calls/{sid}.json`: gone from the API; the oracle still remembers it."""
    call = _known(simulation, request)
    if call.live:
        raise RefusalError(20009)
    call.deleted = True
    return web.Response(status=204)


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
