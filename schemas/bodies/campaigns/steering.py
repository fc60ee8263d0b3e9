"""Bodies of the verbs that steer a task, and of their answers."""

from typing import Any

from marshmallow import Schema, fields, validate, validates_schema

from schemas.bodies.campaigns.recipients import Recipients, check_numbers
from schemas.bodies.fields import MOST_NUMBERS, PhoneNumbers
from schemas.bodies.part import Body
from schemas.bodies.responses import SkippedNumber
from schemas.bodies.telling import CALLEE, TASK_ID, told
from schemas.options.numbers import invalid_numbers

_AT_LEAST_0 = validate.Range(0)


class Steered(Schema):
    """What every verb answers."""

    success = fields.Boolean(required=True, metadata=told("Always true; an error has `detail` instead", True))
    task_id = fields.String(required=True, metadata=told("Id of the task", TASK_ID))
    message = fields.String(required=True, metadata=told("One sentence for people", f"Task {TASK_ID} is paused"))


class TaskPaused(Steered):
    """Whether the task is paused now."""

    paused = fields.Boolean(required=True, metadata=told("Whether nothing of it is dialled before it is resumed", True))
    paused_reason = fields.String(
        required=True,
        allow_none=True,
        metadata=told("Why it paused by itself; null if somebody paused it, or it is not paused", None),
    )


class AppendRecipients(Body):
    """Further numbers of a campaign: one of the two fields."""

    phone_numbers = PhoneNumbers(
        metadata=told(
            f"1 to {MOST_NUMBERS:,} numbers to call, E.164; repeated ones are dialled once. Or else `recipients`",
            [CALLEE],
        )
    )
    recipients = Recipients(
        metadata=told(
            f"Instead of `phone_numbers`: 1 to {MOST_NUMBERS:,} people to call, with your own id of each",
            [{"to_number": CALLEE, "external_id": "crm-4711"}],
        )
    )
    invalid_numbers = invalid_numbers()

    @validates_schema
    def _check_numbers(self, data: dict[str, Any], **kwargs: Any) -> None:
        check_numbers(data)


class RecipientsAdded(Steered):
    """What was added to the campaign."""

    added = fields.Integer(required=True, validate=_AT_LEAST_0, metadata=told("How many numbers were added", 2))
    duplicates_removed = fields.Integer(
        required=True, validate=_AT_LEAST_0, metadata=told("How many were left out because they came before", 0)
    )
    skipped = fields.List(
        fields.Nested(SkippedNumber),
        required=True,
        metadata=told("Numbers that are not added, and why; they are not in `added`", []),
    )
