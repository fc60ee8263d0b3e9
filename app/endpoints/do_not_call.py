"""Do-not-call lists: each name has its own, and the service has one that holds for everybody."""

import re
from typing import Any, Final

from aiohttp import web
from aiohttp_apispec import docs, json_schema

from app.context import CLIENT, DO_NOT_CALL, SETTINGS
from app.endpoints.documented import IDEMPOTENCY_HEADER, NUMBER_ANSWERS, STORE_AWAY, answered_with, refused_with
from app.errors import Forbidden, InvalidRequest, KeyReused, NotFound
from app.http.answers import json_answer
from app.http.audit import audited
from app.http.body.checking import BODY, RAW_BODY, invalid_request
from app.http.idempotency import fingerprint, key_digest
from app.http.query import LIMIT, cursor, limit_of, next_cursor, one_of, read_query, some_text
from app.http.tables.csv_answer import csv_answer, wants_csv
from runtime.masking import mask_number, mask_numbers
from schemas.bodies.telling import UNWANTED
from schemas.do_not_call.bodies import (
    COLUMNS,
    LISTS,
    AddDoNotCall,
    DoNotCallAdded,
    DoNotCallEntry,
    DoNotCallPage,
    DoNotCallRemoved,
)
from schemas.do_not_call.entry import Entry
from schemas.do_not_call.lists import SERVICE, Effect, OptOut, list_of
from schemas.e164 import E164, E164_SENTENCE, number_of
from schemas.moment import utc_text

_NUMBER: Final = {
    "in": "path",
    "name": "number",
    "required": True,
    "description": "The number, E.164; its + may be written %2B",
    "schema": {"type": "string", "pattern": f"^{E164.pattern}$"},
    "example": UNWANTED,
}
_LIST: Final = one_of(
    "list",
    "Whose list: `own`, or `service`, which holds for everybody's calls and is for names of ADMIN_KEYS. Without"
    " API_KEYS there is only the service's. Default: `own`. E.g. `own`",
    LISTS,
)
_WHY: Final = "asked to be called again"
_REASON: Final = some_text("reason", "Why it may be called again, 1 to 200 characters; it is kept as proof")
_CURSOR: Final = cursor(re.compile(r"d:([+#][0-9a-f]{1,40})", re.ASCII))
_FOREIGN: Final = "This API key has its own do-not-call list: the service's is for names of ADMIN_KEYS."
_UNLISTED: Final = "{} is not on this do-not-call list"
_REFUSED: Final = refused_with(Forbidden, "`list=service` is for names of ADMIN_KEYS", "the services list", _FOREIGN)
_BAD: Final = refused_with(
    InvalidRequest, "The number or a parameter is not valid", "invalid number", E164_SENTENCE, {"number": E164_SENTENCE}
)
_NOT_THERE: Final = refused_with(
    NotFound, "The number is not on the list", "not on the list", _UNLISTED.format(UNWANTED)
)


@docs(
    tags=["Numbers"],
    summary="Put a number onto a do-not-call list",
    description="From the answer on no request for a call to the number leaves, whatever was accepted before: what"
    " waits is cancelled when its turn comes, with `outcome` `do_not_call`. A call whose request had left goes on; the"
    " answer says how many do. To put it there again changes nothing. A body, if there is one, is `{}`.",
    parameters=[_NUMBER, _LIST.documented],
    responses=answered_with(DoNotCallAdded, "From now on no request for a call to it leaves")
    | NUMBER_ANSWERS
    | _REFUSED
    | STORE_AWAY,
)
async def put_do_not_call(request: web.Request) -> web.StreamResponse:
    """What waits for the number is cancelled when its turn comes; what is under way goes on."""
    number, on_list = _number(request), _list(request, read_query(request, [_LIST]))
    deed = request.app[DO_NOT_CALL].add(OptOut(on_list, [number], request.get(CLIENT, "")))
    effect = await audited(request, "do-not-call", deed, lambda one: one.verdict, number=mask_number(number))
    return _added(on_list, effect)


@docs(
    tags=["Numbers"],
    summary="Put numbers onto a do-not-call list",
    description="Likewise up to a thousand numbers at once. Those that are on it already make no difference.",
    request_examples={"a complaint": {"phone_numbers": [UNWANTED]}},
    parameters=[IDEMPOTENCY_HEADER, _LIST.documented],
    responses=answered_with(DoNotCallAdded, "From now on no request for a call to them leaves")
    | NUMBER_ANSWERS
    | refused_with(
        KeyReused, "The Idempotency-Key was used with another request", "already used key", KeyReused.sentence
    )
    | _REFUSED
    | STORE_AWAY,
)
@json_schema(AddDoNotCall)
async def add_do_not_call(request: web.Request) -> web.StreamResponse:
    """Adds up to a thousand numbers; those that are on it already make no difference."""
    on_list, digest = _list(request, read_query(request, [_LIST])), key_digest(request)
    numbers = list(dict.fromkeys(request[BODY]["phone_numbers"]))
    wish = OptOut(on_list, numbers, request.get(CLIENT, ""), key_digest=digest)
    if digest:
        wish = wish._replace(fingerprint=fingerprint(f"{request.path}?{on_list}", request[RAW_BODY]))
    deed = request.app[DO_NOT_CALL].add(wish)
    effect = await audited(request, "do-not-call", deed, lambda one: one.verdict, numbers=str(len(numbers)))
    if effect.verdict == "mismatch":
        raise KeyReused
    return _added(on_list, effect)


@docs(
    tags=["Numbers"],
    summary="Ask whether a number is on a do-not-call list",
    description="Tells since when it is, which key put it there, and in which call its owner pressed `opt_out_digit`.",
    parameters=[_NUMBER, _LIST.documented],
    responses=answered_with(DoNotCallEntry, "It is, since then") | _BAD | _NOT_THERE | _REFUSED | STORE_AWAY,
)
async def get_do_not_call(request: web.Request) -> web.StreamResponse:
    """Tells when, by which key and in which call it came onto the list."""
    number, on_list = _number(request), _list(request, read_query(request, [_LIST]))
    entry = await request.app[DO_NOT_CALL].find(on_list, number)
    if entry is None:
        raise NotFound(_UNLISTED.format(number))
    return json_answer(_told(entry))


@docs(
    tags=["Numbers"],
    summary="Take a number off a do-not-call list",
    description="What is accepted from then on may call it. Proof that it was on the list stays for five years, with"
    " the reason for which it was taken off.",
    parameters=[_NUMBER, _REASON.documented | {"required": True, "example": _WHY}, _LIST.documented],
    responses=answered_with(DoNotCallRemoved, "It may be called again") | _BAD | _NOT_THERE | _REFUSED | STORE_AWAY,
)
async def delete_do_not_call(request: web.Request) -> web.StreamResponse:
    """Proof of its having been there stays, with the reason."""
    asked = read_query(request, [_REASON, _LIST])
    number, on_list = _number(request), _list(request, asked)
    if "reason" not in asked:
        raise invalid_request({"reason": ["Must be given: why the number may be called again."]})
    deed = request.app[DO_NOT_CALL].remove(on_list, number, request.get(CLIENT, ""), asked["reason"])
    if not await audited(
        request, "do-not-call-remove", deed, number=mask_number(number), reason=mask_numbers(asked["reason"])
    ):
        raise NotFound(_UNLISTED.format(number))
    return json_answer({"success": True, "message": f"{number} may be called again", "list": _word(on_list)})


@docs(
    tags=["Numbers"],
    summary="List a do-not-call list",
    description="In the order of the numbers. With `Accept: text/csv` all of it at once, as comma-separated values with"
    " a header. Of a number that was forgotten since, a digest stands there.",
    parameters=[LIMIT.documented, _CURSOR.documented, _LIST.documented],
    responses=answered_with(DoNotCallPage, "A page of the list")
    | refused_with(InvalidRequest, "A parameter is unknown or wrong")
    | _REFUSED
    | STORE_AWAY,
)
async def list_do_not_call(request: web.Request) -> web.StreamResponse:
    """Of a number that was forgotten, a digest stands there."""
    asked = read_query(request, [LIMIT, _CURSOR, _LIST])
    lists, on_list = request.app[DO_NOT_CALL], _list(request, asked)
    if wants_csv(request):
        pages = ([_told(entry) for entry in page] async for page in lists.pages(on_list))
        return await csv_answer(request, COLUMNS, pages)
    most = limit_of(asked)
    page = await lists.page(on_list, asked["cursor"][1] if "cursor" in asked else "", most + 1)
    more = next_cursor(f"d:{page[most - 1].member}") if len(page) > most else None
    return json_answer({"numbers": [_told(entry) for entry in page[:most]], "next_cursor": more})


def _number(request: web.Request) -> str:
    if (number := number_of(request.match_info["number"])) is None:
        raise invalid_request({"number": [E164_SENTENCE]})
    return number


def _list(request: web.Request, asked: dict[str, Any]) -> str:
    """Which list is meant; raises Forbidden for the service's if the name is none that steers everybody."""
    name = request.get(CLIENT)
    if asked.get("list") != "service":
        return list_of(name)
    if name is not None and not request.app[SETTINGS].tenants.steers_all(name):
        raise Forbidden(_FOREIGN)
    return SERVICE


def _word(on_list: str) -> str:
    return "service" if on_list == SERVICE else "own"


def _added(on_list: str, effect: Effect) -> web.StreamResponse:
    added, going_on = effect.added, effect.going_on
    numbers, calls = "number" if added == 1 else "numbers", "call goes" if going_on == 1 else "calls go"
    message = f"{added} {numbers} added to the do-not-call list; {going_on} {calls} on that had left before"
    return json_answer(
        {
            "success": True,
            "message": message,
            "list": _word(on_list),
            "added": added,
            "already_listed": effect.known,
            "calls_going_on": going_on,
        },
        headers={"Idempotent-Replayed": "true"} if effect.verdict == "replayed" else None,
    )


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "to_number": entry.number,
        "digest": entry.digest,
        "added_at": utc_text(entry.at_ms),
        "added_by": entry.by,
        "call_id": entry.call_id,
        "way": entry.way,
    }
