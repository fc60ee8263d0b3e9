"""Names of the Celery tasks and of their queue: all that the web tier knows of the workers."""

from typing import Final

from marshmallow import EXCLUDE, Schema, fields, validate

QUEUE: Final = "twilio_calls"

DISPATCH: Final = "calls.dispatch"  #: admit what may go now
PLACE: Final = "calls.place"  #: hand one call to Twilio; its message is PlaceMessage
SWEEP: Final = "calls.sweep"  #: look at calls without news, and at those that are stuck


class PlaceMessage(Schema):
    """Keyword arguments of `calls.place`. Fields that a newer version added are ignored."""

    class Meta:
        unknown = EXCLUDE

    call_id = fields.String(required=True, validate=validate.Length(1, 100))


PLACE_MESSAGE: Final = PlaceMessage()
