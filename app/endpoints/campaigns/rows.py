"""From a row to what is told of it."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from app.calls.campaign_time import zone_disagrees
from schemas.campaigns.attempts import attempts_of
from schemas.campaigns.marks import OUTCOMES, Mark
from schemas.campaigns.page import ShownRow
from schemas.explanation import WaitsFor, obstacle
from schemas.limits import Limits
from schemas.listing.numbers import first_of, shared_word
from schemas.moment import utc_text
from schemas.scripts.explain import Facts
from schemas.states import CallOutcome

WAITS_FOR: Final[Sequence[str]] = tuple(map(str, WaitsFor))
_ATTEMPT: Final = {
    "sid": "call_sid",
    "call_status": "call_status",
    "started_ms": "started_at",
    "ended_ms": "ended_at",
    "duration_seconds": "duration_seconds",
    "answered_by": "answered_by",
    "digits": "digits",
    "error": "error",
}
ATTEMPT_FIELDS: Final = tuple(_ATTEMPT.values())


class Surroundings(NamedTuple):
    """What keeps a task's rows, as far as that is about all of them."""

    word: WaitsFor
    now_ms: int
    due_ms: int  #: when its time comes, or the cap of a day is over
    has_workers: bool

    @classmethod
    def of(cls, facts: Facts, limits: Limits) -> "Surroundings":
        """From what explain.lua tells of the task."""
        found = obstacle(facts, limits)
        word = shared_word(facts, limits) if facts.campaign else found and found.word
        own_ms = max(facts.due_ms, facts.again_ms, facts.capped_ms, facts.day_ends_ms if facts.talked_ms else 0)
        return cls(word or WaitsFor.PACE, facts.now_us // 1000, own_ms, facts.workers > 0)


def told_row(task_id: str, row: ShownRow, around: Surroundings) -> dict[str, Any]:
    """Body of one row of GET /tasks/{id}/calls; `task_id` is the campaign's, or a call's own."""
    is_part = "bulk" in row.fields or not row.fields
    call_id = f"{task_id}-{row.place}" if is_part and not task_id.endswith(f"-{row.place}") else task_id
    outcome = OUTCOMES[row.mark]
    attempts = attempts_of(call_id, row.fields)
    return {
        "call_id": call_id,
        "to_number": row.row.number or None,
        "external_id": row.row.external_id,
        "zone_disagrees": zone_disagrees(row.row.number, row.row.timezone),
        "outcome": outcome,
        "waiting_for": waits_for(row, around) if outcome is CallOutcome.WAITING else None,
        "next_attempt_at": _next_attempt_at(row, around) if outcome is CallOutcome.WAITING else None,
        "attempts": [_told_attempt(attempt) for attempt in attempts],
    }


def waits_for(row: ShownRow, around: Surroundings) -> WaitsFor:
    """What a waiting row waits for."""
    if row.mark is Mark.DISPATCHED:
        return WaitsFor.PACE if around.has_workers else WaitsFor.WORKER
    own = [WaitsFor.WINDOW] if row.opens_ms else []
    if row.again_ms and row.again_ms > around.now_ms:
        capped = int(row.fields.get("capped_ms") or 0) >= row.again_ms
        own.append(WaitsFor.CAP if capped else WaitsFor.RETRY)
    return first_of(*own, around.word)


def _next_attempt_at(row: ShownRow, around: Surroundings) -> str | None:
    if row.mark is Mark.DISPATCHED:
        return None
    at_ms = max(row.again_ms or 0, row.opens_ms or 0, around.due_ms)
    return utc_text(at_ms) if at_ms > around.now_ms else None


def _told_attempt(attempt: dict[str, Any]) -> dict[str, Any]:
    told = {_ATTEMPT[name]: value for name, value in attempt.items()}
    for name in ("started_at", "ended_at"):
        told[name] = utc_text(told[name]) if told[name] is not None else None
    return told
