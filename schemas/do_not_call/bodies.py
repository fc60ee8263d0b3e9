"""Bodies of the endpoints about do-not-call lists."""

from typing import Final

from marshmallow import Schema, fields, validate

from schemas.bodies.fields import MOST_NUMBERS, PhoneNumbers
from schemas.bodies.part import Body
from schemas.bodies.telling import TASK_ID, UNWANTED, ahead, told

LISTS: Final = ("own", "service")
COLUMNS: Final = ("to_number", "digest", "added_at", "added_by", "call_id", "way")
_LIST_TOLD: Final = told("Whose list: your `own`, or the `service`'s, which holds for everybody's calls", "own")
_SUCCESS_TOLD: Final = told("Always true: what is refused gets an error instead", True)


class AddDoNotCall(Body):
    """Numbers that are not to be called any more."""

    phone_numbers = PhoneNumbers(
        required=True,
        metadata=told(f"1 to {MOST_NUMBERS:,} numbers that are not to be called any more, E.164", [UNWANTED]),
    )


class DoNotCallEntry(Schema):
    """A number that is not to be called."""

    to_number = fields.String(
        required=True, allow_none=True, metadata=told("The number, E.164; null if it was forgotten since", UNWANTED)
    )
    digest = fields.String(
        required=True,
        allow_none=True,
        metadata=told("By what a number that was forgotten is still known; null of any other", None),
    )
    added_at = fields.DateTime(required=True, metadata=told("When it came onto the list, UTC", ahead(-86_400)))
    added_by = fields.String(
        required=True, allow_none=True, metadata=told("Name of the API key that put it there; null without one", "shop")
    )
    call_id = fields.String(
        required=True,
        allow_none=True,
        metadata=told(
            "The call in which the person called pressed `opt_out_digit`; null if it was not so", None, TASK_ID
        ),
    )
    way = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(["api", "key_press", "command"]),
        metadata=told("How it came there: by this API, by `opt_out_digit`, or by a command of the operator", "api"),
    )


class DoNotCallPage(Schema):
    """A part of a list."""

    numbers = fields.List(fields.Nested(DoNotCallEntry), required=True, metadata=told("In the order of the numbers"))
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata=told("`cursor` of the next page; null at the end of the list", None),
    )


class DoNotCallAdded(Schema):
    """No further call to the numbers begins."""

    success = fields.Boolean(required=True, metadata=_SUCCESS_TOLD)
    message = fields.String(
        required=True,
        metadata=told(
            "What came of it, as a sentence",
            "1 number added to the do-not-call list; 0 calls go on that had left before",
        ),
    )
    list = fields.String(required=True, validate=validate.OneOf(LISTS), metadata=_LIST_TOLD)
    added = fields.Integer(
        required=True, validate=validate.Range(0), metadata=told("How many numbers were not on it before", 1)
    )
    already_listed = fields.Integer(
        required=True, validate=validate.Range(0), metadata=told("How many were on it already", 0)
    )
    calls_going_on = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=told("Calls to them whose request had left before; they are not hung up", 0),
    )


class DoNotCallRemoved(Schema):
    """The number may be called again."""

    success = fields.Boolean(required=True, metadata=_SUCCESS_TOLD)
    message = fields.String(
        required=True, metadata=told("What came of it, as a sentence", f"{UNWANTED} may be called again")
    )
    list = fields.String(required=True, validate=validate.OneOf(LISTS), metadata=_LIST_TOLD)
