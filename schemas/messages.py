"""Names of the Celery tasks and of their queue: all that the web tier knows of the workers."""

from typing import Final

from marshmallow import EXCLUDE, Schema, fields, validate

QUEUE: Final = "twilio_calls"

DISPATCH: Final = "calls.dispatch"  #: admit what may go now
PLACE: Final = "calls.place"  #: hand one call to Twilio; its message is PlaceMessage
SWEEP: Final = "calls.sweep"  #: look at calls without news, and at those that are stuck

_TASK_ID_CHARACTERS: Final = 36


def task_of(call_id: str) -> str:
    """
    Id of the task, and of the HTTP request, that a call comes from.

    A request's id is the id of the task that it creates, and the n-th call of a campaign is `<task id>-<n>`.
    """
    return call_id[:_TASK_ID_CHARACTERS]


class PlaceMessage(Schema):
    """Keyword arguments of `calls.place`. Fields that a newer version added are ignored."""

    class Meta:
        unknown = EXCLUDE

    call_id = fields.String(required=True, validate=validate.Length(1, 100))


PLACE_MESSAGE: Final = PlaceMessage()
