"""Bodies of the answers, as documented. The web tier builds them by hand; the tests hold them against these."""

from marshmallow import Schema, fields, validate

from schemas.records import COUNTS
from schemas.states import TaskStatus


class CallQueued(Schema):
    """A single or scheduled call was accepted."""

    success = fields.Boolean(required=True)
    task_id = fields.String(required=True)
    message = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    estimated_completion = fields.DateTime(required=True)


class BulkQueued(Schema):
    """A campaign was accepted."""

    success = fields.Boolean(required=True)
    task_id = fields.String(required=True)
    message = fields.String(required=True)
    total_calls = fields.Integer(required=True)
    duplicates_removed = fields.Integer(required=True)
    estimated_duration_minutes = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)


class CallResult(Schema):
    """What became of a call that Twilio has, or may have."""

    call_sid = fields.String(required=True, allow_none=True)
    call_status = fields.String(required=True, allow_none=True, metadata={"description": "Twilio's words, or unknown"})
    to_number = fields.String(required=True)
    from_number = fields.String(required=True)
    started_at = fields.DateTime(required=True, allow_none=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    duration_seconds = fields.Integer(required=True, allow_none=True)
    answered_by = fields.String(required=True, allow_none=True)
    digits = fields.String(metadata={"description": "Pressed by the person called, if any"})
    undelivered_callbacks = fields.Integer(metadata={"description": "Events the client could not be told, if any"})


#: How many of a campaign's numbers stand where. All but `total` add up to `total`.
BulkCounts = Schema.from_dict(
    {name: fields.Integer(required=True) for name in ("total", "waiting", *COUNTS)}, name="BulkCounts"
)


class BulkResult(Schema):
    """How far a campaign is."""

    counts = fields.Nested(BulkCounts, required=True)


class TaskState(Schema):
    """Where a task stands."""

    task_id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf([str(status) for status in TaskStatus]))
    progress = fields.Integer(required=True, validate=validate.Range(0, 100))
    message = fields.String(required=True)
    result = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "CallResult of a call, BulkResult of a bulk task"},
    )
    error = fields.String(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class TaskCancelled(Schema):
    """No further call of the task will be placed."""

    success = fields.Boolean(required=True)
    message = fields.String(required=True)
    task_id = fields.String(required=True)


class TaskDeleted(Schema):
    """Nothing is kept of the task any more."""

    success = fields.Boolean(required=True)
    message = fields.String(required=True)
    task_id = fields.String(required=True)


class Health(Schema):
    """Whether calls can be accepted and placed."""

    status = fields.String(required=True, validate=validate.OneOf(["healthy", "degraded", "unhealthy"]))
    twilio_configured = fields.Boolean(required=True)
    celery_configured = fields.Boolean(required=True)
    redis = fields.Boolean(required=True)
    workers = fields.Integer(required=True)
    beat = fields.Boolean(required=True)
    queue_depth = fields.Integer(required=True)
    simulated = fields.Boolean(required=True)
    account_error = fields.String(metadata={"description": "Why Twilio refuses the account, if it does"})
    drained = fields.Boolean(metadata={"description": "True while the operator lets no call go"})
    timestamp = fields.DateTime(required=True)


class Probe(Schema):
    """The process is there."""

    status = fields.String(required=True, validate=validate.OneOf(["ok"]))


class Problem(Schema):
    """An error."""

    detail = fields.String(required=True)


class InvalidRequestProblem(Problem):
    """An error in the request's body."""

    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Field path -> sentences"},
    )
