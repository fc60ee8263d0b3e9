"""Forgetting a number: every trace of it goes, in the background, and a job tells when that is done."""

from typing import Final

from aiohttp import web
from aiohttp_apispec import docs, json_schema

from app.context import CLIENT, LEDGER, REQUEST_ID, SETTINGS
from app.endpoints.documented import NUMBER_ANSWERS, STORE_AWAY, answered_with, refused_with
from app.errors import Conflict, NotFound
from app.http.answers import json_answer
from app.http.audit import audited
from app.http.body.checking import BODY
from runtime.masking import mask_number
from schemas.bodies.erasure import ForgetNumber
from schemas.bodies.responses import ForgettingJob
from schemas.bodies.telling import JOB_ID
from schemas.moment import utc_text
from schemas.scripts.cancel import ALL, of

_MOST_ID_CHARACTERS: Final = 100
_LIVE: Final = "A call to this number is live, or may be: cancel it first, or wait until it has ended"
_JOB: Final = {
    "in": "path",
    "name": "job_id",
    "required": True,
    "description": "Id from the answer of forget-number",
    "schema": {"type": "string"},
    "example": JOB_ID,
}


@docs(
    tags=["Numbers"],
    summary="Remove every trace of a number",
    description="From the answer on, no call to the number begins that was accepted before. What waits is cancelled,"
    " and every record is blanked, in the background: ask with `job_id` whether that is done. An admin's wish, or"
    " anybody's where there are no keys, holds for everybody's tasks, else for one's own. What is accepted later is"
    " dialled.",
    responses=answered_with(ForgettingJob, "No call to it begins that waits; its traces are being removed", 202)
    | NUMBER_ANSWERS
    | refused_with(Conflict, "A call to the number is live", "live call", _LIVE)
    | STORE_AWAY,
)
@json_schema(ForgetNumber)
async def forget_number(request: web.Request) -> web.StreamResponse:
    """Cancels what waits for a number and removes it from records: an admin's wish from all, else from one's own."""
    job_id, number, ledger = request[REQUEST_ID], request[BODY]["to_number"], request.app[LEDGER]
    deed = ledger.forget_number(job_id, number, _whose(request))
    if not await audited(request, "forget-number", deed, job_id=job_id, number=mask_number(number)):
        raise Conflict(_LIVE)
    return json_answer(_told(job_id, await ledger.forgetting(job_id)), status=202)


@docs(
    tags=["Numbers"],
    summary="Ask whether a number is forgotten",
    description="`done` once no trace is left. A job is shown to whoever could have begun it.",
    parameters=[_JOB],
    responses=answered_with(ForgettingJob, "How far it is")
    | refused_with(NotFound, "There is no such job", "unknown id", f"Job {JOB_ID} not found")
    | STORE_AWAY,
)
async def forgetting_status(request: web.Request) -> web.StreamResponse:
    """Tells whether every trace is gone. A job is shown to whom it could be begun by."""
    job_id = request.match_info["job_id"]
    well_formed = len(job_id) <= _MOST_ID_CHARACTERS and job_id.isascii() and job_id.isprintable()
    job = await request.app[LEDGER].forgetting(job_id) if well_formed else {}
    if not job or _whose(request) not in {ALL, job["whose"]}:
        raise NotFound(f"Job {job_id} not found")
    return json_answer(_told(job_id, job))


def _whose(request: web.Request) -> str:
    """Whose tasks the number is forgotten in: everybody's for an admin, and where nobody has a name."""
    name = request.get(CLIENT)
    return ALL if name is None or request.app[SETTINGS].tenants.steers_all(name) else of(name)


def _told(job_id: str, job: dict[str, str]) -> dict[str, object]:
    done_ms = job.get("done_ms")
    return {
        "job_id": job_id,
        "status": job["state"],
        "blanked": int(job["blanked"]),
        "created_at": utc_text(int(job["started_ms"])),
        "finished_at": utc_text(int(done_ms)) if done_ms else None,
    }
