"""`retry`: further attempts that follow by themselves."""

import time
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from schemas.bodies.fields import ShortList, whole
from schemas.bodies.part import Part
from schemas.bodies.telling import told
from schemas.campaigns.marks import Mark, marks_of
from schemas.hours.edited import hours_of
from schemas.hours.plan import Policy, never_closes
from schemas.hours.window import Hours
from schemas.options.asked import Flag
from schemas.states import CallOutcome

RETRIED: Final = tuple(
    str(one) for one in (CallOutcome.MACHINE, CallOutcome.BUSY, CallOutcome.NO_ANSWER, CallOutcome.FAILED)
)
_DEFAULT_DELAY_SECONDS: Final = 3600
_OF_RECORD: Final = ("retry_most", "retry_marks", "retry_seconds")
_NEXT_WINDOW: Final = "Must not be null while retry.next_window is true: give retry too, or null for it."
_CLOSING: Final = "Must close at some time while retry.next_window is true: give retry too, or null for it."
_DETECTING: Final = "Must stay while retry.on holds machine: give retry too, or null for it."
_NO_NEXT: Final = (
    "Must not be true with calling_windows that never close: there is no next opening; give delay_seconds."
)
_ONE_OF: Final = f"Must be one of {', '.join(RETRIED)}."


class Retry(Part):
    """When a call is tried again by itself."""

    max_attempts = whole(1, 10, required=True, metadata=told("How many attempts there are at most, the first too", 3))
    delay_seconds = whole(
        60,
        604_800,
        metadata=told("Seconds from the end of an attempt to the next one, 60 to 604,800. Default: 3600", 1800),
    )
    next_window = Flag(
        metadata=told("Instead of `delay_seconds`: true for when `calling_windows` open next. Default: false", False)
    )
    on = ShortList(
        fields.String(validate=validate.OneOf(RETRIED, error=_ONE_OF), error_messages={"invalid": _ONE_OF}),
        1,
        len(RETRIED),
        "outcomes",
        load_default=["busy", "no_answer"],
        metadata=told("Outcomes that are tried again. Default: `busy` and `no_answer`", ["busy", "no_answer"]),
    )

    @validates_schema
    def _check(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("next_window") and "delay_seconds" in data:
            raise ValidationError("Must not be given beside delay_seconds.", "next_window")


class Retried(Schema):
    """A body that may say that its calls are tried again."""

    retry = fields.Nested(
        Retry, metadata=told("Further attempts that follow by themselves. Default: there is one attempt")
    )


def detects(record: Mapping[str, str], metadata: Mapping[str, Any]) -> bool:
    """Whether anybody finds out if a machine answers. Where Twilio presses keys it does not."""
    return bool(record.get("machine") or metadata.get("machine_detection")) and not record.get("send_digits")


def retry_fields(body: dict[str, Any], policy: Policy, *, finds_machines: bool) -> dict[str, str]:
    """What of it goes into a record. Raises ValidationError for what could never be."""
    retry: dict[str, Any] | None = body.get("retry")
    if retry is None:
        return {}
    if "machine" in retry["on"] and not finds_machines:
        raise ValidationError({"retry": {"on": ["Must not hold machine: nobody finds out whether one answers."]}})
    later = bool(retry.get("next_window"))
    if later and body.get("calling_windows") is None:
        raise ValidationError({"retry": {"next_window": ["Must not be true without calling_windows."]}})
    if later and never_closes(body["calling_windows"], policy, round(time.time() * 1000)):
        raise ValidationError({"retry": {"next_window": [_NO_NEXT]}})
    marks = "".join(marks_of(CallOutcome(word)) for word in dict.fromkeys(retry["on"]))
    fields_of = {"retry_most": str(retry["max_attempts"]), "retry_marks": marks}
    return (
        fields_of if later else fields_of | {"retry_seconds": str(retry.get("delay_seconds", _DEFAULT_DELAY_SECONDS))}
    )


def edited_retry(
    body: Mapping[str, Any], record: Mapping[str, str], metadata: Mapping[str, Any], policy: Policy
) -> dict[str, str | None]:
    """
    What changes in the record of a task that is edited; None: the field goes. `metadata` is as it will be.

    Raises ValidationError for what could never be.
    """
    windows = hours_of(body, record)
    finds_machines = detects(record, metadata)
    if "retry" not in body:
        if "call_metadata" in body and Mark.MACHINE in record.get("retry_marks", "") and not finds_machines:
            raise ValidationError({"call_metadata": {"machine_detection": [_DETECTING]}})
        if "calling_windows" in body and "retry_most" in record and "retry_seconds" not in record:
            _check_next(windows, policy)
        return {}
    new = retry_fields({"retry": body["retry"], "calling_windows": windows}, policy, finds_machines=finds_machines)
    return dict.fromkeys(_OF_RECORD) | new


def _check_next(windows: Hours | None, policy: Policy) -> None:
    """Raises ValidationError for windows of which none is the next one."""
    if windows is None:
        raise ValidationError({"calling_windows": [_NEXT_WINDOW]})
    if never_closes(windows, policy, round(time.time() * 1000)):
        raise ValidationError({"calling_windows": [_CLOSING]})
