"""Body of POST /tasks/{id}/retry, and of its answer."""

from datetime import UTC, datetime
from typing import Any, Final

from marshmallow import ValidationError, fields, post_load, validate

from schemas.bodies.campaigns.steering import Steered
from schemas.bodies.fields import ShortList, whole
from schemas.bodies.part import Body
from schemas.bodies.requests import DEFAULT_ZONE
from schemas.bodies.telling import told
from schemas.campaigns.retrying import RETRIED
from schemas.hours.database import UNKNOWN_ZONE, zone_named
from schemas.moment import NOT_A_MOMENT, check_not_too_far, parse_moment

MOST_DELAY_SECONDS: Final = 604_800
_WORDS: Final = [str(outcome) for outcome in RETRIED]
_OUTCOME: Final = f"Must be one of: {', '.join(_WORDS)}."


class RetryTask(Body):
    """What is tried again, and when: now, after a delay, or at an instant."""

    outcomes = ShortList(
        fields.String(validate=validate.OneOf(_WORDS, error=_OUTCOME), error_messages={"invalid": _OUTCOME}),
        1,
        100,
        "outcomes",
        required=True,
        metadata=told("Numbers that came to one of these are tried again", ["busy", "no_answer"]),
    )
    delay_seconds = whole(
        0, MOST_DELAY_SECONDS, metadata=told("Seconds until they may go, 0 to 604,800. Default: now", 0)
    )
    schedule_time = fields.String(
        error_messages={"invalid": NOT_A_MOMENT},
        metadata=told(
            "Instead of `delay_seconds`: from when on, ISO 8601, in the future, at most 365 days ahead; without an"
            " offset it is read in `timezone`",
            "2030-01-15T14:00:00Z",
        ),
    )
    timezone = fields.String(
        load_default=DEFAULT_ZONE,
        error_messages={"invalid": UNKNOWN_ZONE},
        metadata=told(
            "IANA time zone of a `schedule_time` without offset. Default: `America/New_York`", "Europe/Berlin"
        ),
    )

    @post_load
    def _resolve(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Adds `due`, the instant in UTC, if one is given."""
        if "schedule_time" not in data:
            return data
        if "delay_seconds" in data:
            raise ValidationError("Must not be given beside delay_seconds.", "schedule_time")
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


class TaskRetried(Steered):
    """How much is tried again."""

    count = fields.Integer(
        required=True, validate=validate.Range(0), metadata=told("How many numbers are tried again", 12)
    )
