"""Body of POST /forget-number."""

from marshmallow import RAISE, Schema

from schemas.bodies.fields import PhoneNumber
from schemas.bodies.requests import UNKNOWN
from schemas.bodies.telling import FORGOTTEN, told


class ForgetNumber(Schema):
    """A number to be forgotten."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": "The body must be a JSON object."}

    to_number = PhoneNumber(required=True, metadata=told("Number of which every trace goes, E.164", FORGOTTEN))
