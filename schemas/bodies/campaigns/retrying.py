"""Body of POST /tasks/{id}/retry, and of its answer."""

from typing import Any, Final

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.bodies.campaigns.steering import Steered
from schemas.bodies.fields import ShortList, whole
from schemas.bodies.part import Body
from schemas.bodies.telling import told
from schemas.campaigns.retrying import RETRIED
from schemas.hours.scheduled import MaybeScheduled

MOST_DELAY_SECONDS: Final = 604_800
_WORDS: Final = [str(outcome) for outcome in RETRIED]
_OUTCOME: Final = f"Must be one of: {', '.join(_WORDS)}."


class RetryTask(MaybeScheduled, Body):
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
        0,
        MOST_DELAY_SECONDS,
        metadata=told("Instead of `schedule_time`: seconds until they may go, 0 to 604,800. Default: now", 0),
    )

    @validates_schema
    def _check_when(self, data: dict[str, Any], **kwargs: Any) -> None:
        if "delay_seconds" in data and "schedule_time" in data:
            raise ValidationError("Must not be given beside delay_seconds.", "schedule_time")


class TaskRetried(Steered):
    """How much is tried again."""

    count = fields.Integer(
        required=True, validate=validate.Range(0), metadata=told("How many numbers are tried again", 12)
    )
