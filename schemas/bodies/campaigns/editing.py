"""Body of PATCH /tasks/{id}: what of a task may change while it runs."""

from typing import Any

from marshmallow import fields

from schemas.bodies.campaigns.recipients import short_text
from schemas.bodies.fields import whole
from schemas.bodies.metadata import Metadata
from schemas.bodies.part import Body
from schemas.bodies.telling import day_ahead, told
from schemas.hours.body import CallingWindows, Instant
from schemas.hours.scheduled import MaybeScheduled
from schemas.options.asked import EditableOptions
from schemas.options.retry import Retried
from schemas.options.stopping import Stopped


class _Object(fields.Field[dict[str, Any]]):
    """An object, that is merged into another one before it is judged."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Metadata().make_error("invalid")
        return value


class EditTask(MaybeScheduled, EditableOptions, Retried, Stopped, Body):
    """Fields that get another value, as JSON Merge Patch has it (RFC 7396); null: back to the default."""

    name = short_text("What the campaign is called in lists, 1 to 200 characters", "Spring reminder")
    external_id = short_text("Your own id of the campaign, 1 to 200 characters", "job-2026-11")
    call_metadata = _Object(
        metadata=told(
            "Keys that get another value; null takes one away. Of `priority`, what waits gets another place",
            {"message": "Hello again."},
            type="object",
        )
    )
    delay_between_calls = whole(
        1, 300, metadata=told("Seconds from the start of one call to that of the next, 1 to 300. Default: 5", 30)
    )
    max_concurrent_calls = whole(
        1, 50, metadata=told("How many of its calls may be live at once, 1 to 50. Default: 10", 3)
    )

    calling_windows = fields.Nested(
        CallingWindows,
        metadata=told(
            "When calls may leave, in local time; null: whenever `CALLING_WINDOWS`, a setting, lets any leave"
        ),
    )
    expires_at = Instant(
        metadata=told(
            "Date and time with an offset or `Z`: what has not begun by then ends as expired; null: never",
            f"{day_ahead(2)}T20:00:00Z",
            format="date-time",
        )
    )

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Null is a value here."""
        field_obj.allow_none = True
