"""What was tried with one number: one entry each time it was handed to Twilio."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.errors import RecordError
from schemas.states import CallState

#: Fields of a record that are about its newest attempt, and move into the list of those before when there is another.
OF_ATTEMPT: Final = (
    "sid",
    "call_status",
    "started_ms",
    "ended_ms",
    "duration_seconds",
    "answered_by",
    "digits",
    "error",
)
#: Of a record, all that tells its attempts.
SHOWN_FIELDS: Final = ("state", "attempts", *OF_ATTEMPT)
_NUMBERS: Final = frozenset({"started_ms", "ended_ms", "duration_seconds"})
#: In these it is being handed to Twilio, or was.
_HANDED_OVER: Final = frozenset(CallState) - {CallState.WAITING, CallState.DISPATCHED, CallState.CANCELLED}


def attempts_of(task_id: str, fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """Oldest first, as fields of OF_ATTEMPT; raises RecordError if the record is damaged."""
    try:
        return list(_attempts(fields))
    except (ValueError, AttributeError) as error:
        raise RecordError(f"The record of call {task_id} is damaged: {error!r}") from None


def last_attempt(task_id: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """The newest that was handed to Twilio; None if none was. Raises RecordError if the record is damaged."""
    attempts = attempts_of(task_id, fields)
    return attempts[-1] if attempts else None


def _attempts(fields: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if packed := fields.get("attempts"):
        for earlier in json.loads(packed):
            yield _attempt(earlier)
    if fields.get("state") in _HANDED_OVER:
        yield _attempt(fields)


def _attempt(fields: Mapping[str, str]) -> dict[str, Any]:
    return {name: _value(name, fields.get(name)) for name in OF_ATTEMPT}


def _value(name: str, text: str | None) -> str | int | None:
    return int(text) if text and name in _NUMBERS else text or None
