"""When the calls of a task may leave, as it is edited: they are planned anew."""

import time
from collections.abc import Collection
from typing import Any

from app.calls.planning import NEVER
from app.http.body.checking import invalid_request
from app.store.campaigns import BeforeEdit
from schemas.hours.plan import ever_opens
from schemas.hours.window import Hours
from schemas.moment import utc_text


def edited_start(body: dict[str, Any], named: Collection[str], before: BeforeEdit) -> dict[str, str | None]:
    """
    When it begins, if `schedule_time` was named; null: at once. Whether it has begun, or the instant has passed, is
    decided by edit.lua. Raises InvalidRequest for a time zone of nothing, and a start behind the end.
    """
    if "schedule_time" not in named:
        if "timezone" in named:
            raise invalid_request({"timezone": ["Must be given with schedule_time, which is read in it."]})
        return {}
    if "due" not in body and before.kind == "scheduled":
        raise invalid_request({"schedule_time": ["Must not be null: a scheduled call has a time."]})
    due_ms = round(body["due"].timestamp() * 1000) if "due" in body else int(before.record.get("created_ms", 0))
    kept = before.record.get("expires_ms")
    expires_ms = body["expires_at"] if "expires_at" in body else kept and int(kept)
    if expires_ms and expires_ms <= due_ms:
        raise invalid_request({"schedule_time": [f"Must be before expires_at, {utc_text(expires_ms)}."]})
    return {"due_ms": str(due_ms)}


def edited_time(body: dict[str, Any], *, is_campaign: bool) -> dict[str, str | None]:
    """What changes in the record; None: the field goes. Raises InvalidRequest for an end in the past, or no opening."""
    now_ms = round(time.time() * 1000)
    fields: dict[str, str | None] = {}
    if "expires_at" in body:
        expires_ms: int | None = body["expires_at"]
        if expires_ms is not None and expires_ms <= now_ms:
            raise invalid_request({"expires_at": ["Must be in the future."]})
        fields["expires_ms"] = None if expires_ms is None else str(expires_ms)
    if "calling_windows" in body:
        hours: Hours | None = body["calling_windows"]
        if hours is not None and not ever_opens(hours, now_ms):
            raise invalid_request({"calling_windows": [NEVER]})
        fields["windows"] = None if hours is None else hours.text()
        fields |= {"unplanned": "1"} if is_campaign else {"closes_ms": "1"}
    return fields
