"""When a task begins, and when its calls may leave, as it is edited."""

import time
from collections.abc import Collection, Mapping
from typing import Any

from app.calls.planning import sentence_of
from app.http.body.checking import invalid_request
from app.store.campaigns import BeforeEdit
from runtime.zones.numbers import zones_of
from schemas.hours.edited import asked_of_hours, check_end, check_start, hours_of, opening_under_way
from schemas.hours.plan import Policy, Unplanned, plan
from schemas.states import CallState


def edited_opening(body: Mapping[str, Any], before: BeforeEdit, policy: Policy) -> dict[str, str | None]:
    """
    What changes of the opening of a call of its own; one that waits is planned by a sweep. Raises InvalidRequest if it
    could never leave by what it gets, as when it is queued.
    """
    asked, to = asked_of_hours(body), before.record.get("to")
    if not asked or not to or before.kind not in {"single", "scheduled"}:
        return {}
    waits = before.record.get("state") == CallState.WAITING
    begins_ms, until_ms = span_of(body, before)
    found = plan(hours_of(body, before.record), policy, lambda: zones_of(to), begins_ms, until_ms)
    if isinstance(found, Unplanned) and (waits or body.get("calling_windows")):
        raise invalid_request({asked: [sentence_of(found, to, until_ms)]})
    return opening_under_way(body, before.record, found, policy)


def span_of(body: Mapping[str, Any], before: BeforeEdit) -> tuple[int, int | None]:
    """From when on, and until when, it may go once it is edited."""
    begins_ms, kept = int(before.record.get("due_ms", 0)), before.record.get("expires_ms")
    if "schedule_time" in body:
        begins_ms = round(body["due"].timestamp() * 1000) if body["schedule_time"] else 0
    until_ms = body["expires_at"] if "expires_at" in body else int(kept) if kept else None
    return max(round(time.time() * 1000), begins_ms), until_ms


def edited_start(body: dict[str, Any], named: Collection[str], before: BeforeEdit) -> dict[str, str | None]:
    """
    When it begins, if `schedule_time` was named; null: at once. Whether it has begun, or the instant has passed, is
    decided by edit.lua. InvalidRequest: a time zone of nothing; ValidationError: a start behind the end.
    """
    if "schedule_time" not in named:
        if "timezone" in named:
            raise invalid_request({"timezone": ["Must be given with schedule_time, which is read in it."]})
        check_end(body, before.record)
        return {}
    if "due" not in body and before.kind == "scheduled":
        raise invalid_request({"schedule_time": ["Must not be null: a scheduled call has a time."]})
    due_ms = round(body["due"].timestamp() * 1000) if "due" in body else int(before.record.get("created_ms", 0))
    check_start(due_ms, body, before.record)
    return {"due_ms": str(due_ms)}
