"""Which numbers a campaign calls, and from which: how clients say it."""

from marshmallow import Schema, fields, validate

from schemas.bodies.fields import REFUSE, SKIP, PhoneNumbers
from schemas.bodies.telling import CALLER, told


def invalid_numbers() -> fields.String:
    """The field that says what becomes of numbers that cannot be called."""
    return fields.String(
        load_default=REFUSE,
        validate=validate.OneOf([REFUSE, SKIP], error="Must be refuse or skip."),
        error_messages={"invalid": "Must be refuse or skip."},
        metadata=told(
            "What becomes of numbers that cannot be called: `refuse` the request, or `skip` them and name them in"
            " `skipped`. Those on a do-not-call list are always skipped. Default: refuse",
            "skip",
        ),
    )


class NumberOptions(Schema):
    """What is said of a campaign's numbers as a whole."""

    invalid_numbers = invalid_numbers()
    from_numbers = PhoneNumbers(
        most=100,
        metadata=told(
            "Instead of `from_number`: 1 to 100 numbers to call from, E.164; a number that is called always"
            " gets the same one",
            [CALLER],
        ),
    )
