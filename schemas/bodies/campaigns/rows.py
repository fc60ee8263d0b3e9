"""Each number of a task, as documented."""

from marshmallow import Schema, fields, validate

from schemas.bodies.telling import CALL_SID, CALLEE, TASK_ID, ahead, told
from schemas.states import CallOutcome

_WAITS = ("paused", "drained", "account", "schedule", "window", "retry", "cap", "concurrency", "worker", "pace")


class Attempt(Schema):
    """One time that a number was handed to Twilio."""

    call_sid = fields.String(required=True, allow_none=True, metadata=told("Twilio's id of the call", CALL_SID))
    call_status = fields.String(
        required=True, allow_none=True, metadata=told("Twilio's word for where the call is, or ended", "busy")
    )
    started_at = fields.DateTime(required=True, allow_none=True, metadata=told("When it began, UTC", ahead(-70)))
    ended_at = fields.DateTime(required=True, allow_none=True, metadata=told("When it ended, UTC", ahead(-20)))
    duration_seconds = fields.Integer(
        required=True, allow_none=True, validate=validate.Range(0), metadata=told("How long it lasted, in seconds", 0)
    )
    answered_by = fields.String(
        required=True, allow_none=True, metadata=told("Who answered, in Twilio's words; null if nobody knows", None)
    )
    digits = fields.String(required=True, allow_none=True, metadata=told("Keys that were pressed: 0-9, `*`, `#`", None))
    error = fields.String(required=True, allow_none=True, metadata=told("Why it failed; null if it did not", None))


class TaskCall(Schema):
    """One number of a task, and what became of it."""

    call_id = fields.String(required=True, metadata=told("Id of its call, which is a task by itself", f"{TASK_ID}-1"))
    to_number = fields.String(
        required=True, allow_none=True, metadata=told("Number to call, E.164; null once it was forgotten", CALLEE)
    )
    external_id = fields.String(
        required=True, allow_none=True, metadata=told("Its client's own id of the person called", "crm-4711")
    )
    zone_disagrees = fields.Boolean(
        required=True,
        metadata=told("Whether the recipient's `timezone` is none of those of the number: people move", False),
    )
    outcome = fields.String(
        required=True,
        validate=validate.OneOf([str(outcome) for outcome in CallOutcome]),
        metadata=told("One word for what became of it", "busy"),
    )
    waiting_for = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(_WAITS),
        metadata=told("What keeps it; null unless it waits", None),
    )
    next_attempt_at = fields.DateTime(
        required=True, allow_none=True, metadata=told("When it is due, UTC; null if that is not to come", None)
    )
    attempts = fields.List(
        fields.Nested(Attempt),
        required=True,
        metadata={"description": "Each time it was handed to Twilio, oldest first"},
    )


class TaskCalls(Schema):
    """A page of rows, in the order given."""

    calls = fields.List(
        fields.Nested(TaskCall),
        required=True,
        metadata={"description": "May be fewer than `limit`, or none, though `next_cursor` leads on"},
    )
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata=told(
            "To be sent as `cursor` for the next page, with the same filters; null on the last one", "cjo1MA"
        ),
    )
