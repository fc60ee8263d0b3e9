"""When the calls of a task may leave, as it is edited: they are planned anew."""

import time
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError

from schemas.hours.opening import MOST_DAYS, Opening
from schemas.hours.plan import Policy, Unplanned, ever_opens
from schemas.hours.window import Hours
from schemas.moment import utc_text
from schemas.states import CallState

NEVER: Final = f"Must be open at some time within {MOST_DAYS} days."


def edited_time(body: Mapping[str, Any], *, is_campaign: bool) -> dict[str, str | None]:
    """What changes in the record; None: the field goes. ValidationError: it ends in the past, or never opens."""
    now_ms = round(time.time() * 1000)
    fields: dict[str, str | None] = {}
    if "expires_at" in body:
        expires_ms: int | None = body["expires_at"]
        if expires_ms is not None and expires_ms <= now_ms:
            raise ValidationError({"expires_at": ["Must be in the future."]})
        fields["expires_ms"] = None if expires_ms is None else str(expires_ms)
    if "calling_windows" in body:
        hours: Hours | None = body["calling_windows"]
        if hours is not None and not ever_opens(hours, now_ms):
            raise ValidationError({"calling_windows": [NEVER]})
        fields["windows"] = None if hours is None else hours.text()
        fields |= {"unplanned": "1"} if is_campaign else {"closes_ms": "1"}
    return fields


def check_end(body: Mapping[str, Any], record: Mapping[str, str]) -> None:
    """Raises ValidationError for an end before the start for which the task waits still."""
    expires_ms, due_ms = body.get("expires_at"), int(record.get("due_ms", 0))
    is_ahead = due_ms > time.time() * 1000 and int(record.get("attempt_number", 1)) == 1
    if expires_ms and is_ahead and expires_ms <= due_ms:
        raise ValidationError({"expires_at": [f"Must be later than the start, {utc_text(due_ms)}."]})


def check_start(due_ms: int, body: Mapping[str, Any], record: Mapping[str, str]) -> None:
    """Raises ValidationError for a start behind the end that the task has, or gets."""
    kept = record.get("expires_ms")
    expires_ms = body["expires_at"] if "expires_at" in body else kept and int(kept)
    if expires_ms and expires_ms <= due_ms:
        raise ValidationError({"schedule_time": [f"Must be before expires_at, {utc_text(expires_ms)}."]})


def asked_of_hours(body: Mapping[str, Any]) -> str:
    """The field that may leave no opening; '' if none does."""
    return next((name for name in ("calling_windows", "expires_at", "schedule_time") if body.get(name)), "")


def hours_of(body: Mapping[str, Any], record: Mapping[str, str]) -> Hours | None:
    """The client's own hours that the task has once it is edited."""
    kept = record.get("windows")
    return body["calling_windows"] if "calling_windows" in body else Hours.parse(kept) if kept else None


def opening_under_way(
    body: Mapping[str, Any], record: Mapping[str, str], found: Opening | Unplanned | None, policy: Policy
) -> dict[str, str | None]:
    """What other hours, which were `found` to open then, change of a call under way; what waits a sweep plans."""
    if "calling_windows" not in body or record.get("state") == CallState.WAITING or not isinstance(found, Opening):
        return {}
    return {"opens_ms": str(found.opens_ms), "closes_ms": str(found.closes_ms), "planned_by": policy.name or None}
