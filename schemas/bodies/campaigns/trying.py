"""What a dry run of a campaign tells."""

from typing import Final

from marshmallow import Schema, fields, validate

from schemas.bodies.telling import CALLEE, ahead, told

#: Why a number is left out of a campaign, in the order in which that is looked for.
SKIP_REASONS: Final = (
    "invalid_number",
    "prefix_refused",
    "missing_variable",
    "no_zone",
    "no_common_hour",
    "do_not_call",
)


class TriedNumber(Schema):
    """What would become of one number of a campaign."""

    index = fields.Integer(
        required=True, validate=validate.Range(0), metadata=told("Its place among those given, from 0", 0)
    )
    to_number = fields.String(required=True, metadata=told("The number, E.164", CALLEE))
    external_id = fields.String(
        required=True, allow_none=True, metadata=told("Your own id of the recipient, if you gave one", "crm-4711")
    )
    zones = fields.List(
        fields.String(),
        required=True,
        metadata=told(
            "IANA time zones in which the called party may be; empty if nobody can tell", ["America/New_York"]
        ),
    )
    source = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(["given", "area_code", "phonenumbers"]),
        metadata=told(
            "Who tells the zones: `given` by you, `area_code`: this service's table, `phonenumbers`: the library; null"
            " if nobody does",
            "area_code",
        ),
    )
    zone_disagrees = fields.Boolean(
        required=True,
        metadata=told("Whether a timezone that you gave is none of those of the number: people move", False),
    )
    first_slot = fields.DateTime(
        required=True,
        allow_none=True,
        metadata=told(
            "When it would be dialled first, UTC, if nothing else waited: by windows, delay and pace; null if never",
            ahead(60),
        ),
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*SKIP_REASONS, "expired"]),
        metadata=told(
            "Why it would not be dialled, as in `skipped`, or `expired`: `expires_at` comes first. Null if it would be",
            None,
        ),
    )


class DryRun(Schema):
    """What is told of a dry run only."""

    dry_run = fields.Boolean(metadata=told("True of a dry run: nothing was queued; else it is not there", True))
    numbers = fields.List(
        fields.Nested(TriedNumber),
        metadata=told("Of a dry run: what would become of each number, each once, in the order given"),
    )
    finish = fields.DateTime(
        allow_none=True,
        metadata=told(
            "Of a dry run: when the last call should be over, UTC, by windows, delay and pace and a minute for the call"
            " itself; null if none would be dialled",
            ahead(120),
        ),
    )
    fits = fields.Boolean(
        metadata=told(
            "Of a dry run: whether it would be accepted now and every number dialled before `expires_at`; if not,"
            " `warnings` say why",
            True,
        )
    )
