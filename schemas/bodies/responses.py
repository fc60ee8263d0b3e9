"""Bodies of the answers, as documented. The web tier builds them by hand; the tests hold them against these."""

from marshmallow import Schema, fields, validate

from schemas.bodies.campaigns.trying import SKIP_REASONS, DryRun
from schemas.bodies.telling import CALLEE, JOB_ID, TASK_ID, UNWANTED, ahead, told


def _success() -> fields.Boolean:
    return fields.Boolean(required=True, metadata=told("Always true: what is refused gets an error instead", True))


def _task_id(description: str) -> fields.String:
    return fields.String(required=True, metadata=told(description, TASK_ID))


def _message(example: str) -> fields.String:
    return fields.String(required=True, metadata=told("One sentence for people", example))


def _created_at() -> fields.DateTime:
    return fields.DateTime(required=True, metadata=told("When it was accepted, UTC", ahead()))


def _warnings() -> fields.List[str]:
    described = told("Sentences about what was accepted but may not be what was meant; empty if all is well", [])
    return fields.List(fields.String(), required=True, metadata=described)


class CallQueued(Schema):
    """A single or scheduled call was accepted."""

    success = _success()
    task_id = _task_id("Id by which the call is asked about and cancelled")
    message = _message(f"Call to {CALLEE} queued successfully")
    created_at = _created_at()
    warnings = _warnings()
    estimated_completion = fields.DateTime(
        required=True,
        metadata=told("When the call should be over, UTC: its start and a minute for the call itself", ahead(60)),
    )


class SkippedNumber(Schema):
    """A number of a campaign that is not dialled."""

    index = fields.Integer(
        required=True, validate=validate.Range(0), metadata=told("Its place among those given, from 0", 3)
    )
    to_number = fields.String(required=True, metadata=told("The number, E.164", UNWANTED))
    reason = fields.String(
        required=True,
        validate=validate.OneOf(SKIP_REASONS),
        metadata=told(
            "`invalid_number`: it is none. `prefix_refused`: a rule of the operator forbids it. `missing_variable`: the"
            " message names one that this recipient has not. `no_zone`, `no_common_hour`: its windows are never open."
            " `do_not_call`: it is on a do-not-call list",
            "do_not_call",
        ),
    )


class BulkQueued(DryRun):
    """A campaign was accepted, or tried out."""

    success = _success()
    task_id = fields.String(
        required=True,
        allow_none=True,
        metadata=told(
            "Id by which the campaign is asked about and cancelled; its calls are `<task_id>-<n>`. Null of a dry run",
            TASK_ID,
        ),
    )
    message = _message("Bulk call campaign for 2 numbers queued successfully")
    total_calls = fields.Integer(
        required=True, validate=validate.Range(1), metadata=told("Numbers that will be dialled, each once", 2)
    )
    duplicates_removed = fields.Integer(
        required=True, validate=validate.Range(0), metadata=told("Repeated numbers, which are dialled only once", 0)
    )
    skipped = fields.List(
        fields.Nested(SkippedNumber),
        required=True,
        metadata=told("Numbers that are not dialled, and why; they are not in `total_calls`", []),
    )
    estimated_duration_minutes = fields.Integer(
        required=True,
        validate=validate.Range(1),
        metadata=told("Minutes until the last number is dialled: numbers times delay, rounded up, at least 1", 1),
    )
    created_at = _created_at()
    warnings = _warnings()


class TaskCancelled(Schema):
    """No further call of the task will be placed."""

    success = _success()
    message = _message(f"Task {TASK_ID} cancelled successfully")
    task_id = _task_id("Id of the task that was cancelled")


class TaskDeleted(Schema):
    """Nothing is kept of the task any more."""

    success = _success()
    message = _message(f"Task {TASK_ID} deleted")
    task_id = _task_id("Id of the task of which nothing is kept")


class ForgettingJob(Schema):
    """How far it is that a number is forgotten."""

    job_id = fields.String(required=True, metadata=told("Id by which the job is asked about", JOB_ID))
    status = fields.String(
        required=True,
        validate=validate.OneOf(["running", "done"]),
        metadata=told("`done` when no trace is left", "running"),
    )
    blanked = fields.Integer(
        required=True,
        validate=validate.Range(0),
        metadata=told("Calls and waiting numbers that were blanked so far", 0),
    )
    created_at = fields.DateTime(required=True, metadata=told("When it was asked for, UTC", ahead()))
    finished_at = fields.DateTime(
        required=True, allow_none=True, metadata=told("When the last trace went, UTC; null while it is running", None)
    )
