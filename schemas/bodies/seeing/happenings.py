"""Bodies of GET /tasks/{id}/events and POST /tasks/{id}/redeliver."""

from marshmallow import Schema, fields, validate

from schemas.bodies.seeing.listed import next_cursor
from schemas.bodies.telling import TASK_ID, ahead, told


class TaskEvent(Schema):
    """Something that happened to a task."""

    n = fields.Integer(
        required=True,
        validate=validate.Range(1),
        metadata=told("Its place in the log of the task, a campaign's for its calls: from 1, without gaps", 1),
    )
    at = fields.DateTime(required=True, metadata=told("When it was put on record, UTC", ahead(-20)))
    call_id = fields.String(
        required=True,
        allow_none=True,
        metadata=told("Id of the call that it is about; null if it is about the task", TASK_ID),
    )
    kind = fields.String(
        required=True,
        metadata=told(
            "`call`: an event of a call; `campaign`: the campaign is finished, cancelled, paused by itself, or"
            " its end has come; `paused`, `resumed`, `edited`, `retried`, `added`, `cancelled`: somebody did that;"
            " `expired`: it was the campaign's `expires_at`",
            "call",
        ),
    )
    fields_ = fields.Dict(
        required=True,
        data_key="fields",
        attribute="fields",
        metadata=told(
            "Of a call and a campaign what a receiver is told, with the same names and texts; of a deed `by`, the"
            " name of the API key or null, and of `added` how many numbers, `count`",
            {"TaskId": TASK_ID, "Attempt": "1", "SequenceNumber": "3", "CallStatus": "completed", "CallDuration": "42"},
        ),
    )


class TaskEvents(Schema):
    """A page of events, the oldest first."""

    events = fields.List(fields.Nested(TaskEvent), required=True, metadata={"description": "At most `limit`"})
    next_cursor = next_cursor()


class Redelivered(Schema):
    """What is tried again."""

    success = fields.Boolean(required=True, metadata=told("Always true", True))
    task_id = fields.String(required=True, metadata=told("Id of the task", TASK_ID))
    message = fields.String(required=True, metadata=told("The same for people", "2 events are tried again"))
    count = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=told("How many events are tried again; 0 if all were taken", 2),
    )
