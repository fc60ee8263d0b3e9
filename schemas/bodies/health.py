"""How the service is, as documented."""

from marshmallow import Schema, fields, validate

from schemas.bodies.telling import ahead, told
from schemas.operation.troubles import TroubleCode


class HealthProblem(Schema):
    """What costs calls or money, or may."""

    code = fields.String(
        required=True,
        validate=validate.OneOf([str(code) for code in TroubleCode]),
        metadata=told("What it is, for programs", "no_worker"),
    )
    detail = fields.String(
        metadata=told("Its cause and its remedy, for people; not without a key", "Nothing is dialled: start a worker.")
    )


class Health(Schema):
    """Whether calls can be accepted and placed."""

    status = fields.String(
        required=True,
        validate=validate.OneOf(["healthy", "degraded", "unhealthy"]),
        metadata=told(
            "`healthy`; `degraded`: calls are accepted, and `problems` tells why they may not be placed; `unhealthy`:"
            " no call can be accepted",
            "healthy",
        ),
    )
    twilio_configured = fields.Boolean(
        required=True, metadata=told("Whether account, token and number of Twilio are set", True)
    )
    celery_configured = fields.Boolean(required=True, metadata=told("Whether a broker is set", True))
    redis = fields.Boolean(required=True, metadata=told("Whether the store of calls answers", True))
    workers = fields.Integer(
        required=True, validate=validate.Range(0), metadata=told("How many workers take messages", 2)
    )
    beat = fields.Boolean(required=True, metadata=told("Whether the workers' clock ticks", True))
    queue_depth = fields.Integer(
        validate=validate.Range(0),
        metadata=told("Calls that are due and wait, of the key's own name unless it sees all; not without a key", 0),
    )
    tzdata = fields.String(
        metadata=told("Release of the IANA time zone database that calling windows go by; not without a key", "2026f")
    )
    simulated = fields.Boolean(
        required=True, metadata=told("Whether Twilio is a simulator, so that nobody rings", False)
    )
    account_error = fields.String(
        metadata=told("Why Twilio refuses the account; absent while it does not", "Twilio error 20003")
    )
    problems = fields.List(
        fields.Nested(HealthProblem),
        required=True,
        metadata=told("Why it is degraded; empty while it is not", []),
    )
    drained = fields.Boolean(metadata=told("True while the operator lets no call go; absent otherwise", True))
    timestamp = fields.DateTime(required=True, metadata=told("When that was found, UTC", ahead()))


class Probe(Schema):
    """The process is there."""

    status = fields.String(
        required=True, validate=validate.OneOf(["ok"]), metadata=told("Always `ok`: else the answer is an error", "ok")
    )
