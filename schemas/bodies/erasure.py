"""Body of POST /forget-number."""

from schemas.bodies.fields import PhoneNumber
from schemas.bodies.part import Body
from schemas.bodies.telling import FORGOTTEN, told


class ForgetNumber(Body):
    """A number to be forgotten."""

    to_number = PhoneNumber(required=True, metadata=told("Number of which every trace goes, E.164", FORGOTTEN))
