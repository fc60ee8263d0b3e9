"""Bodies of the three queue endpoints."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, cast

from marshmallow import RAISE, Schema, ValidationError, fields, missing, post_load, validate

from schemas.fields import Metadata, PhoneNumber, PhoneNumbers, WebUrl, WholeNumber
from schemas.moment import MOMENT, UNKNOWN_ZONE, check_not_too_far, parse_moment, zone_named

DEFAULT_ZONE: Final = "America/New_York"


def _whole(low: int, high: int, **options: Any) -> fields.Integer:
    sentence = f"Must be a whole number from {low} to {high}."
    return WholeNumber(
        strict=True,
        validate=validate.Range(low, high, error=sentence),
        error_messages={"invalid": sentence, "too_large": sentence, "null": sentence},
        **options,
    )


class _CallOptions(Schema):
    """What the three have in common."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "Unknown field.", "type": "The body must be a JSON object."}

    from_number = PhoneNumber(metadata={"description": "Caller; default: TWILIO_PHONE_NUMBER"})
    webhook_url = WebUrl(metadata={"description": "Where Twilio fetches the TwiML of the answered call"})
    status_callback_url = WebUrl(metadata={"description": "Where the events of the call are sent"})
    call_metadata = Metadata(metadata={"description": "Free-form JSON object, up to 16 KiB"})


def load(schema: Schema, body: Any) -> dict[str, Any]:
    """
    What `schema.load` returns, and raises.

    A body without a fault is read field by field: what marshmallow does to collect faults takes longer than the fields.
    """
    if isinstance(body, dict) and not isinstance(schema, ScheduleCall):  # which has a hook
        required, defaults = _missing_fields(type(schema))
        if required.issubset(body):
            fields_by_name = schema.load_fields
            try:
                return {**defaults, **{name: fields_by_name[name].deserialize(body[name], name, body) for name in body}}
            except (KeyError, ValidationError):
                return cast("dict[str, Any]", schema.load(body))  # raises, and tells every fault
    return cast("dict[str, Any]", schema.load(body))


@cache
def _missing_fields(kind: type[Schema]) -> tuple[frozenset[str], Mapping[str, Any]]:
    """Fields that a body must have, and what those are that leave a trace when it has them not."""
    fields_by_name = kind().load_fields
    required = frozenset(name for name, field in fields_by_name.items() if field.required)
    defaults = {name: field.load_default for name, field in fields_by_name.items()}
    return required, {name: value for name, value in defaults.items() if value is not missing}


class QueueSingleCall(_CallOptions):
    """POST /queue-single-call."""

    to_number = PhoneNumber(required=True, metadata={"description": "Number to call, E.164"})
    delay_seconds = _whole(0, 3600, load_default=0)


class QueueBulkCalls(_CallOptions):
    """POST /queue-bulk-calls."""

    phone_numbers = PhoneNumbers(required=True)
    delay_between_calls = _whole(1, 300, load_default=5)
    max_concurrent_calls = _whole(1, 50, load_default=10)


class ScheduleCall(_CallOptions):
    """POST /schedule-call. An offset or Z in `schedule_time` wins over `timezone`."""

    to_number = PhoneNumber(required=True, metadata={"description": "Number to call, E.164"})
    schedule_time = fields.String(
        required=True,
        error_messages={"invalid": "Must be an ISO 8601 date and time."},
        metadata={
            "pattern": f"^{MOMENT.pattern}$",
            "examples": ["2030-01-15T14:00:00Z"],
            "description": "ISO 8601, at most 365 days ahead; UTC offset or Z optional",
        },
    )
    timezone = fields.String(
        load_default=DEFAULT_ZONE,
        error_messages={"invalid": UNKNOWN_ZONE},
        metadata={"description": "IANA time zone of a schedule_time without offset"},
    )

    @post_load
    def _resolve(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Adds `due`, the instant in UTC. Whether it has passed is decided on Redis's clock: see accept.lua."""
        try:
            zone = zone_named(data["timezone"])
        except ValueError as error:
            raise ValidationError(str(error), "timezone") from error
        try:
            due = parse_moment(data["schedule_time"], zone)
            check_not_too_far(due, datetime.now(UTC))
        except ValueError as error:
            raise ValidationError(str(error), "schedule_time") from error
        return data | {"due": due}
