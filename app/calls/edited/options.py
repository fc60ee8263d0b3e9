"""What of a task's options may change while it waits: how long it rings and lasts, and what follows by itself."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError

from app.calls.options import option_faults
from app.calls.shared_fields import NO_METADATA
from app.http.body.checking import invalid_request
from app.settings import Settings
from app.store.campaigns import BeforeEdit
from schemas.options.asked import EditableOptions
from schemas.options.recorded import AS_GIVEN
from schemas.options.retry import edited_retry

_EDITABLE: Final = tuple(name for name in AS_GIVEN if name in EditableOptions().load_fields)


def edited_options(
    body: Mapping[str, Any], before: BeforeEdit, metadata: Mapping[str, Any], settings: Settings
) -> dict[str, str | None]:
    """What changes in the record; None: the field goes. `metadata` is as it will be. Raises InvalidRequest."""
    given = {name: value for name, value in body.items() if value is not None and name in _EDITABLE}
    if faults := option_faults(given, NO_METADATA, settings.max_call_seconds):
        raise invalid_request(faults)
    fields = {name: str(given[name]) if name in given else None for name in _EDITABLE if name in body}
    try:
        return fields | edited_retry(body, before.record, metadata, settings.policy)
    except ValidationError as error:
        raise invalid_request(error.messages_dict) from error
