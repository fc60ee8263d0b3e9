"""POST /drain and POST /undrain: the operator lets no call go, and lets them go again."""

from typing import Final

from aiohttp import web
from aiohttp_apispec import docs

from app.context import CLIENT, LEDGER, SETTINGS
from app.endpoints.documented import FIELD_ANSWERS, STORE_AWAY, answered_with, refused_with
from app.errors import Forbidden
from app.http.answers import json_answer
from app.http.audit import audited
from app.security.addresses import is_from_here
from schemas.bodies.seeing.overview import Drained

_NOT_ALLOWED: Final = "The key is not an admin's, or without keys the request does not come from this host"
_DRAINED: Final = (
    "No call goes any more; new ones are accepted and wait, live ones are followed. POST /undrain lets them go."
)
_ANSWERS: Final = FIELD_ANSWERS | refused_with(Forbidden, _NOT_ALLOWED) | STORE_AWAY


@docs(
    tags=["Health"],
    summary="Let no call go",
    description="Calls are still accepted and wait, and live ones are followed, until `POST /undrain`; again changes"
    " nothing. For names of `ADMIN_KEYS`; without keys, for this host. It takes no fields: a body, if there is one, is"
    " `{}`.",
    responses=answered_with(Drained, "No call goes from now on, or did already") | _ANSWERS,
)
async def drain(request: web.Request) -> web.StreamResponse:
    """Lets no call go until undrain; what is just leaving goes on."""
    _check_operator(request)
    changed = await audited(request, "drain", request.app[LEDGER].drain())
    return _told(drained=True, message=_DRAINED if changed else "Nothing changed: it is drained already.")


@docs(
    tags=["Health"],
    summary="Let calls go again",
    description="What is due goes at once, at its pace; again changes nothing. For names of `ADMIN_KEYS`; without"
    " keys, for this host. It takes no fields: a body, if there is one, is `{}`.",
    responses=answered_with(Drained, "Calls go from now on, or did already") | _ANSWERS,
)
async def undrain(request: web.Request) -> web.StreamResponse:
    """Lets calls go again; of a copy that is not restored yet, none goes all the same."""
    _check_operator(request)
    changed = await audited(request, "undrain", request.app[LEDGER].undrain())
    return _told(drained=False, message="Calls go again." if changed else "Nothing changed: it is not drained.")


def _check_operator(request: web.Request) -> None:
    settings, name = request.app[SETTINGS], request.get(CLIENT)
    if name is not None:
        if not settings.tenants.steers_all(name):
            raise Forbidden("This API key may not stop everybody's calls: a key of ADMIN_KEYS may.")
        return
    forwarded = request.headers.getall("X-Forwarded-For", ())
    if not is_from_here(request.remote or "", forwarded, settings.trusted_proxies):
        raise Forbidden("Without API keys only this host may stop everybody's calls: set API_KEYS and ADMIN_KEYS.")


def _told(*, drained: bool, message: str) -> web.StreamResponse:
    return json_answer({"success": True, "message": message, "drained": drained})
