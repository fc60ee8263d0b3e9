"""When a task begins, as it is edited."""

import time
from collections.abc import Collection, Mapping
from typing import Any

from app.calls.planning import sentence_of
from app.http.body.checking import invalid_request
from app.store.campaigns import BeforeEdit
from runtime.zones.numbers import zones_of
from schemas.hours.edited import check_end, check_start
from schemas.hours.plan import Policy, Unplanned, plan
from schemas.hours.window import Hours


def check_hours(body: Mapping[str, Any], before: BeforeEdit, policy: Policy) -> None:
    """Raises InvalidRequest for hours in which a call of its own could never leave, as when it is queued."""
    own: Hours | None = body.get("calling_windows")
    to = before.record.get("to")
    if own is None or not to or before.kind not in {"single", "scheduled"}:
        return
    begins_ms, until_ms = span_of(body, before)
    found = plan(own, policy, lambda: zones_of(to), begins_ms, until_ms)
    if isinstance(found, Unplanned):
        raise invalid_request({"calling_windows": [sentence_of(found, to, until_ms)]})


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
