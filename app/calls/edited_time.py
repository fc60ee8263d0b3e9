"""When a task begins, as it is edited."""

from collections.abc import Collection
from typing import Any

from app.http.body.checking import invalid_request
from app.store.campaigns import BeforeEdit
from schemas.hours.edited import check_start


def edited_start(body: dict[str, Any], named: Collection[str], before: BeforeEdit) -> dict[str, str | None]:
    """
    When it begins, if `schedule_time` was named; null: at once. Whether it has begun, or the instant has passed, is
    decided by edit.lua. InvalidRequest: a time zone of nothing; ValidationError: a start behind the end.
    """
    if "schedule_time" not in named:
        if "timezone" in named:
            raise invalid_request({"timezone": ["Must be given with schedule_time, which is read in it."]})
        return {}
    if "due" not in body and before.kind == "scheduled":
        raise invalid_request({"schedule_time": ["Must not be null: a scheduled call has a time."]})
    due_ms = round(body["due"].timestamp() * 1000) if "due" in body else int(before.record.get("created_ms", 0))
    check_start(due_ms, body, before.record)
    return {"due_ms": str(due_ms)}
