"""Bodies of the three queue endpoints."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, cast

from marshmallow import Schema, ValidationError, fields, missing, validate, validates_schema
from marshmallow.decorators import POST_LOAD, PRE_LOAD, VALIDATES, VALIDATES_SCHEMA

from schemas.bodies.campaigns.recipients import Recipients, check_numbers, short_text
from schemas.bodies.fields import MOST_NUMBERS, PhoneNumber, PhoneNumbers, WebUrl, whole
from schemas.bodies.metadata import Metadata
from schemas.bodies.part import Body, given
from schemas.bodies.telling import CALLEE, CALLER, OTHER_CALLEE, told
from schemas.hours.body import Timed
from schemas.hours.scheduled import MaybeScheduled, Scheduled
from schemas.options.asked import Flag, LineOptions, Variables
from schemas.options.numbers import NumberOptions
from schemas.options.retry import Retried
from schemas.options.stopping import Stopped


class _CallOptions(LineOptions, Retried, Body):
    """What the three have in common."""

    from_number = PhoneNumber(
        metadata=told("Number to call from, E.164: one of yours at Twilio. Default: TWILIO_PHONE_NUMBER", CALLER)
    )
    webhook_url = WebUrl(
        may_log_in=True,
        metadata=told(
            "Where Twilio fetches the TwiML of the answered call, up to 2048 characters; it logs in there if"
            " `user:password@` stands before the host. Default: `call_metadata.message` is spoken",
            "https://your-domain.com/answer",
        ),
    )
    status_callback_url = WebUrl(
        metadata=told(
            "Where the events of the call are sent, signed, up to 2048 characters. Default: nowhere",
            "https://your-domain.com/events",
        )
    )
    call_metadata = Metadata(
        metadata=told(
            "Any JSON object, up to 16 KiB of it without white space; the keys listed here mean something, others are"
            " only kept. Default: an empty one",
            {"message": "Hello. This is a reminder of your appointment tomorrow at ten.", "customer_id": "12345"},
        )
    )


def load(schema: Schema, body: Any) -> dict[str, Any]:
    """
    What a body says: `null` for a field that need not be there means that it is not. Raises marshmallow's
    ValidationError, which tells of a few unknown fields at most.

    A body without a fault is read field by field, if the schema has no more to say than its fields do: what marshmallow
    does to collect faults takes longer than the fields.
    """
    if isinstance(body, dict):
        body = given(schema, body)
        plan = _plan_of(type(schema))
        if plan.is_plain and plan.required.issubset(body) and None not in body.values():
            try:
                return {**plan.defaults, **{name: plan.readers[name](body[name], name, body) for name in body}}
            except (KeyError, ValidationError):
                return cast("dict[str, Any]", schema.load(body))  # raises, and tells every fault
    return cast("dict[str, Any]", schema.load(body))


class _Plan(NamedTuple):
    """How bodies of a schema can be read."""

    is_plain: bool  #: the fields are all there is to it
    required: frozenset[str]
    defaults: Mapping[str, Any]  #: of the fields that leave a trace when a body has them not
    readers: Mapping[str, Callable[..., Any]]  #: of values that are not null


@cache
def _plan_of(kind: type[Schema]) -> _Plan:
    fields_by_name = kind().load_fields
    hooks = (PRE_LOAD, VALIDATES, VALIDATES_SCHEMA, POST_LOAD)
    defaults = {name: field.load_default for name, field in fields_by_name.items()}
    return _Plan(
        is_plain=not any(kind._hooks[hook] for hook in hooks)
        and not any(
            field.data_key or field.attribute or callable(field.load_default) for field in fields_by_name.values()
        ),
        required=frozenset(name for name, field in fields_by_name.items() if field.required),
        defaults={name: value for name, value in defaults.items() if value is not missing},
        readers={
            name: field.deserialize if field.validators else field._deserialize
            for name, field in fields_by_name.items()
        },
    )


class QueueSingleCall(Timed, _CallOptions):
    """A call to be placed now, or a little later."""

    to_number = PhoneNumber(required=True, metadata=told("Number to call, E.164", CALLEE))
    delay_seconds = whole(
        0, 3600, load_default=0, metadata=told("Seconds until it is dialled, 0 to 3600. Default: 0, at once", 10)
    )
    variables = Variables()


class QueueBulkCalls(Timed, MaybeScheduled, _CallOptions, NumberOptions, Stopped):
    """A campaign: numbers that are dialled one after another."""

    phone_numbers = PhoneNumbers(
        metadata=told(
            f"1 to {MOST_NUMBERS:,} numbers to call, E.164, in this order; repeated ones are dialled once. Or else"
            " `recipients`",
            [CALLEE, OTHER_CALLEE],
        ),
    )
    recipients = Recipients(
        metadata=told(
            f"Instead of `phone_numbers`: 1 to {MOST_NUMBERS:,} people to call, in this order, with your own id of"
            " each; one is repeated if number and id are",
            [{"to_number": CALLEE, "external_id": "crm-4711"}],
        )
    )
    name = short_text(
        "What the campaign is called in lists, 1 to 200 characters; need not be unique", "Spring reminder"
    )
    external_id = short_text("Your own id of the campaign, 1 to 200 characters; need not be unique", "job-2026-11")
    start = fields.String(
        load_default="now",
        validate=validate.OneOf(["now", "paused"], error="Must be now or paused."),
        error_messages={"invalid": "Must be now or paused."},
        metadata=told("`now`, or `paused`: nothing is dialled before it is resumed. Default: now", "now"),
    )
    dry_run = Flag(
        load_default=False,
        metadata=told(
            "Whether to only tell what would become of it: nothing is queued, nothing is dialled, an `Idempotency-Key`"
            " is not used up. Default: false",
            False,
        ),
    )
    delay_between_calls = whole(
        1,
        300,
        load_default=5,
        metadata=told("Seconds from the start of one call to that of the next, 1 to 300. Default: 5", 30),
    )
    max_concurrent_calls = whole(
        1, 50, load_default=10, metadata=told("How many of its calls may be live at once, 1 to 50. Default: 10", 3)
    )

    @validates_schema
    def _check_numbers(self, data: dict[str, Any], **kwargs: Any) -> None:
        check_numbers(data)


class ScheduleCall(Timed, Scheduled, _CallOptions):
    """A call to be placed at an instant. An offset or Z in `schedule_time` wins over `timezone`."""

    to_number = PhoneNumber(required=True, metadata=told("Number to call, E.164", CALLEE))
    variables = Variables()
