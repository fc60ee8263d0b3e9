"""What of a task's options may change while it waits: how long it rings and lasts, and what follows by itself."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError

from app.calls.options import option_faults
from app.calls.shared_fields import NO_METADATA
from app.http.body.checking import invalid_request
from app.store.campaigns import BeforeEdit
from schemas.options.asked import EditableOptions
from schemas.options.recorded import AS_GIVEN
from schemas.options.retry import retry_fields

_EDITABLE: Final = tuple(name for name in AS_GIVEN if name in EditableOptions().load_fields)
_RETRY: Final = ("retry_most", "retry_marks", "retry_seconds")
_NEXT_WINDOW: Final = "Must not be null while retry.next_window is true: give retry too, or null for it."


def edited_options(
    body: Mapping[str, Any], before: BeforeEdit, metadata: Mapping[str, Any], max_call_seconds: int
) -> dict[str, str | None]:
    """What changes in the record; None: the field goes. `metadata` is as it will be. Raises InvalidRequest."""
    given = {name: value for name, value in body.items() if value is not None and name in _EDITABLE}
    if faults := option_faults(given, NO_METADATA, max_call_seconds):
        raise invalid_request(faults)
    fields = {name: str(given[name]) if name in given else None for name in _EDITABLE if name in body}
    return fields | _edited_retry(body, before, metadata)


def _edited_retry(body: Mapping[str, Any], before: BeforeEdit, metadata: Mapping[str, Any]) -> dict[str, str | None]:
    windows = body["calling_windows"] if "calling_windows" in body else before.record.get("windows")
    if "retry" not in body:
        if windows is None and "retry_most" in before.record and "retry_seconds" not in before.record:
            raise invalid_request({"calling_windows": [_NEXT_WINDOW]})
        return {}
    detects = bool(before.record.get("machine") or metadata.get("machine_detection"))
    try:
        new = retry_fields({"retry": body["retry"], "calling_windows": windows}, detects=detects)
    except ValidationError as error:
        raise invalid_request(error.messages_dict) from error
    return dict.fromkeys(_RETRY) | new
