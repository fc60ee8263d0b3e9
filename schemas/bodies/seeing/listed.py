"""Bodies of the answers that list: pages, with a cursor to the next."""

from typing import Final

from marshmallow import Schema, fields, validate

from schemas.bodies.task_state import TaskState
from schemas.bodies.telling import CALLEE, told

KINDS: Final = ("single", "scheduled", "bulk")
CURSOR: Final = "dDoxNzk1NTY4Mjc2MzcwOjU2NGNkM2Rl"


def next_cursor() -> fields.String:
    """Of every page."""
    text = "To be sent as `cursor`, with the same filters, for the next page; null on the last one"
    return fields.String(required=True, allow_none=True, metadata=told(text, CURSOR))


class TaskRow(TaskState):
    """A task in a list: all that task-status tells of it, and what it is."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(KINDS),
        metadata=told("By which endpoint it was queued", "single"),
    )
    name = fields.String(
        required=True,
        allow_none=True,
        metadata=told("What its client called it; null if nothing", "Reminders of November"),
    )
    external_id = fields.String(
        required=True,
        allow_none=True,
        metadata=told("Its client's own id of it; null if it has none", "order-4711"),
    )
    to_number = fields.String(metadata=told("Number that is called, E.164; absent of a bulk task", CALLEE))
    client = fields.String(
        allow_none=True,
        metadata=told(
            "Name of the API key that it was queued with, null if without; only for names that see everybody's tasks",
            "shop",
        ),
    )


class TaskList(Schema):
    """A page of tasks, newest first."""

    tasks = fields.List(
        fields.Nested(TaskRow),
        required=True,
        metadata={"description": "May be fewer than `limit`, or none, though `next_cursor` leads on"},
    )
    next_cursor = next_cursor()
