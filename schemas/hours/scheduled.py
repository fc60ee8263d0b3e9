"""The fields of a request that say when its calls begin."""

from datetime import UTC, datetime
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load

from schemas.bodies.telling import day_ahead, told
from schemas.hours.database import UNKNOWN_ZONE, zone_named
from schemas.moment import MOMENT, NOT_A_MOMENT, check_not_too_far, parse_moment

DEFAULT_ZONE: Final = "America/New_York"

_WHEN: Final = (
    "ISO 8601: in the future, at most 365 days ahead. With `Z` or an offset it is that instant, else it is read in"
    " `timezone`. An hour that a clock change skips is refused, one that it repeats is the first"
)


def _time(description: str, *, required: bool) -> fields.String:
    return fields.String(
        required=required,
        error_messages={"invalid": NOT_A_MOMENT},
        metadata=told(f"{description}, {_WHEN}", f"{day_ahead(1)}T14:00:00", pattern=f"^{MOMENT.pattern}$"),
    )


def _zone() -> fields.String:
    return fields.String(
        load_default=DEFAULT_ZONE,
        error_messages={"invalid": UNKNOWN_ZONE},
        metadata=told(
            "IANA time zone of a `schedule_time` without offset. Default: `America/New_York`", "Europe/Berlin"
        ),
    )


class _WithTime(Schema):
    """A body that may name an instant."""

    @post_load
    def _resolve(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Adds `due`, the instant in UTC. Whether it has passed is decided on Redis's clock: see accept.lua."""
        try:
            zone = zone_named(data["timezone"])
        except ValueError as error:
            raise ValidationError(str(error), "timezone") from error
        if "schedule_time" not in data:
            return data
        try:
            due = parse_moment(data["schedule_time"], zone)
            check_not_too_far(due, datetime.now(UTC))
        except ValueError as error:
            raise ValidationError(str(error), "schedule_time") from error
        return data | {"due": due}


class Scheduled(_WithTime):
    """A body that names an instant."""

    schedule_time = _time("When to dial", required=True)
    timezone = _zone()


class MaybeScheduled(_WithTime):
    """A body that need not."""

    schedule_time = _time("When it begins; default: at once", required=False)
    timezone = _zone()
