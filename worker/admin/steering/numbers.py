"""What an edit means for whom a task still may call: all can be called in its hours, and hear all that it says."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from runtime.zones.numbers import zones_of
from schemas import keys
from schemas.campaigns.marks import Mark
from schemas.campaigns.retrying import MAY_GO, WAITS
from schemas.campaigns.rows import Row
from schemas.hours.edited import asked_of_hours, hours_of, opening_under_way
from schemas.hours.plan import Policy, Unplanned, plan
from schemas.hours.window import Hours
from schemas.spoken import template
from schemas.spoken.speech import Speech, Twiml
from worker.admin.steering.filling import planned
from worker.admin.store import Store

#: Rows of a campaign that are read at once.
_AT_ONCE: Final = 1000


class _Callee(NamedTuple):
    """One whom the task calls."""

    call_id: str
    mark: str
    row: Row
    variables: Mapping[str, str]


def check_numbers(store: Store, task_id: str, edits: Mapping[str, Any], record: Mapping[str, str]) -> None:
    """Ends the process with a sentence, as the API answers it, for the first to whom the edit does not fit."""
    asked, hours = asked_of_hours(edits), hours_of(edits, record)
    plans = asked if hours or store.settings.policy.hours else ""
    speaks = "call_metadata" in edits and not record.get("webhook_url")
    metadata = json.loads(record.get("metadata") or "{}") | edits.get("call_metadata", {})
    prompt = json.loads(record.get("gather") or "{}").get("prompt", "")
    metadata["message"] = f"{metadata.get('message') or ''} {prompt}"
    begins_ms, until_ms = _span(edits, record)
    for callee in _callees(store, task_id, record) if record and (plans or speaks) else ():
        if plans and callee.mark in WAITS and (fault := _fault(store, callee, hours, begins_ms, until_ms)):
            sys.exit(f"{plans}: {fault}: {callee.call_id} could never be called in its hours.")
        if speaks and callee.mark in MAY_GO:
            _check_message(store, callee, metadata)


def opened(edits: Mapping[str, Any], record: Mapping[str, str], policy: Policy) -> dict[str, str | None]:
    """What other hours change of a single call that is under way."""
    if not record.get("to"):
        return {}
    begins_ms, until_ms = _span(edits, record)
    found = plan(hours_of(edits, record), policy, lambda: zones_of(record["to"]), begins_ms, until_ms)
    return opening_under_way(edits, record, found, policy)


def _callees(store: Store, task_id: str, record: Mapping[str, str]) -> Iterator[_Callee]:
    """All but those who were forgotten."""
    if record.get("kind") != "bulk":
        yield _Callee(task_id, Mark.WAITING, Row(record["to"]), json.loads(record.get("variables") or "{}"))
        return
    names = json.loads(record.get("variable_names") or "[]")
    behind = 0
    while texts := store.redis.lrange(keys.rows(task_id), behind, behind + _AT_ONCE - 1):
        marks = str(store.redis.getrange(keys.marks(task_id), behind, behind + len(texts) - 1))
        for place, (text, mark) in enumerate(zip(texts, marks, strict=False), start=behind + 1):
            row = Row.unpack(str(text))
            given = zip(names, row.variables or (), strict=False)
            if row.number:
                its = {name: value for name, value in given if value is not None}
                yield _Callee(f"{task_id}-{place}", mark, row, its)
        behind += len(texts)


def _fault(
    store: Store, callee: _Callee, hours: Hours | None, begins_ms: int, until_ms: int | None
) -> Unplanned | None:
    zones = (callee.row.timezone,) if callee.row.timezone else zones_of(callee.row.number)
    last_ms = min((at_ms for at_ms in (callee.row.expires_ms, until_ms) if at_ms is not None), default=None)
    return planned(hours, store.settings.policy, zones, begins_ms, last_ms)


def _check_message(store: Store, callee: _Callee, metadata: Mapping[str, Any]) -> None:
    if fault := template.fault(metadata["message"], callee.variables, callee.call_id):
        sys.exit(f"message: {fault}")
    most = Twiml.FETCHED if store.settings.public_base_url else Twiml.INLINE
    if Speech.of(metadata, variables=callee.variables).most_characters(most) is not None:
        sys.exit(f"message: What {callee.call_id} would hear is more than Twilio speaks.")


def _span(edits: Mapping[str, Any], record: Mapping[str, str]) -> tuple[int, int | None]:
    """From when on, and until when, the task's calls may go."""
    begins_ms = max(round(time.time() * 1000), int(record.get("due_ms", 0)))
    if "due" in edits:
        begins_ms = round(edits["due"].timestamp() * 1000)
    kept = record.get("expires_ms")
    return begins_ms, edits["expires_at"] if "expires_at" in edits else int(kept) if kept else None
