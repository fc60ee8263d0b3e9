"""`stop_if`: when a campaign pauses by itself."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from schemas.bodies.fields import whole
from schemas.bodies.metadata import pack_metadata
from schemas.bodies.part import Part
from schemas.bodies.telling import told

_SHARE: Final = "Must be a number above 0 and up to 1."
_SHARES: Final = ("failed_share", "short_call_share", "opt_out_share")
_DEFAULT_SHORT_SECONDS: Final = 6


class Share(fields.Float):
    """A part of all as JSON has numbers: "0.5" and true are none."""

    default_error_messages = {"invalid": _SHARE, "special": _SHARE, "too_large": _SHARE}

    def __init__(self, **options: Any) -> None:
        above_none = validate.Range(0, 1, min_inclusive=False, error=_SHARE)
        super().__init__(validate=above_none, **options)

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class StopIf(Part):
    """When a campaign pauses by itself."""

    failed_share = Share(metadata=told("Pauses once so large a share failed, above 0 and up to 1", 0.3))
    short_call_share = Share(
        metadata=told("Pauses once so large a share was answered and over within `short_call_seconds`", 0.5)
    )
    short_call_seconds = whole(
        1,
        60,
        metadata=told(
            f"A call that lasted less than so many seconds is short, 1 to 60. Default: {_DEFAULT_SHORT_SECONDS}", 6
        ),
    )
    opt_out_share = Share(metadata=told("Pauses once so large a share pressed `opt_out_digit`", 0.1))
    of_last = whole(
        20, 1000, required=True, metadata=told("Of how many numbers that were settled last, 20 to 1,000", 100)
    )

    @validates_schema
    def _check(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not any(name in data for name in _SHARES):
            raise ValidationError(f"Must hold one of {', '.join(_SHARES)}.")
        if "short_call_seconds" in data and "short_call_share" not in data:
            raise ValidationError("Must be given with short_call_share.", "short_call_seconds")


class Stopped(Schema):
    """A body that may say when the campaign pauses by itself."""

    stop_if = fields.Nested(
        StopIf,
        metadata=told(
            "Pauses the campaign, with `paused_reason`, if too many of its last numbers came to no good. Default: never"
        ),
    )


def packed_stop(stop_if: Mapping[str, Any]) -> str:
    """As the record of a campaign holds it."""
    short = {"short_call_seconds": _DEFAULT_SHORT_SECONDS} if "short_call_share" in stop_if else {}
    return pack_metadata({**short, **stop_if})
