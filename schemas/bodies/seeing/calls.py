"""Body of GET /calls."""

from marshmallow import Schema, fields

from schemas.bodies.campaigns.rows import TaskCall
from schemas.bodies.seeing.listed import next_cursor
from schemas.bodies.telling import TASK_ID, ahead, told


class CallRow(TaskCall):
    """A call in a list: all that the calls of its task tell of it, and which task that is."""

    task_id = fields.String(required=True, metadata=told("Id of its task: its campaign's, or its own", TASK_ID))
    updated_at = fields.DateTime(required=True, metadata=told("When it last changed, UTC", ahead(-20)))


class CallList(Schema):
    """A page of calls, the one that changed last first."""

    calls = fields.List(
        fields.Nested(CallRow),
        required=True,
        metadata={"description": "May be fewer than `limit`, or none, though `next_cursor` leads on"},
    )
    next_cursor = next_cursor()
