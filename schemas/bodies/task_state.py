"""Where a task stands, as documented."""

from marshmallow import Schema, fields, validate

from schemas.bodies.either import Either
from schemas.bodies.telling import CALL_SID, CALLEE, CALLER, TASK_ID, ahead, told
from schemas.explanation import WaitsFor
from schemas.records import COUNTS
from schemas.states import CallOutcome, TaskStatus

_AT_LEAST_0 = validate.Range(0)


def _retrying(events: str) -> fields.Integer:
    what = f"How many {events} could not be delivered yet and are tried again; absent if none"
    return fields.Integer(validate=_AT_LEAST_0, metadata=told(what, 1))


def _undelivered(events: str) -> fields.Integer:
    what = f"How many {events} `status_callback_url` did not take and will not get; absent if none"
    return fields.Integer(validate=_AT_LEAST_0, metadata=told(what, 1))


_CALL_STATUSES = (
    "queued",
    "initiated",
    "ringing",
    "in-progress",
    "completed",
    "busy",
    "no-answer",
    "failed",
    "canceled",
)


class CallResult(Schema):
    """What became of a call; all but `outcome` once it is handed to Twilio."""

    outcome = fields.String(
        required=True,
        validate=validate.OneOf([str(outcome) for outcome in CallOutcome]),
        metadata=told("One word for what became of the call, from the start", "answered"),
    )
    waiting_for = fields.String(
        validate=validate.OneOf([str(word) for word in WaitsFor]),
        metadata=told("One word for what it waits for, the first that applies; absent unless it waits", "schedule"),
    )
    call_sid = fields.String(
        allow_none=True, metadata=told("Twilio's id of the call; null while it is not known", CALL_SID)
    )
    call_status = fields.String(
        allow_none=True,
        validate=validate.OneOf([*_CALL_STATUSES, "unknown"]),
        metadata=told("Twilio's word for where the call is, or `unknown` if Twilio could not tell", "completed"),
    )
    to_number = fields.String(metadata=told("Number that is called, E.164", CALLEE))
    from_number = fields.String(metadata=told("Number that it is called from, E.164", CALLER))
    started_at = fields.DateTime(
        allow_none=True, metadata=told("When Twilio began it, UTC; null while that is not known", ahead(-70))
    )
    ended_at = fields.DateTime(allow_none=True, metadata=told("When it ended, UTC; null before", ahead(-20)))
    duration_seconds = fields.Integer(
        allow_none=True,
        validate=_AT_LEAST_0,
        metadata=told("How long they talked, in seconds; null before the end", 42),
    )
    answered_by = fields.String(
        allow_none=True,
        metadata=told(
            "Who answered, in Twilio's words: `human`, `fax`, `machine_start`, `machine_end_beep`,"
            " `machine_end_silence`, `machine_end_other` or `unknown`; null without `machine_detection`",
            "human",
        ),
    )
    digits = fields.String(metadata=told("Keys that the person called pressed: 0-9, `*`, `#`; absent if none", "1"))
    recording_sid = fields.String(
        metadata=told("Twilio's id of the recording; absent if there is none", "RE7f3c9a526f0e4b579a3e2f1c8d5e4b6a")
    )
    retrying_callbacks = _retrying("events")
    undelivered_callbacks = _undelivered("events")


#: Each count of a campaign -> what it counts, and an example.
_COUNTED = {
    "total": ("All numbers of the campaign", 4),
    "waiting": ("Numbers not dialled yet, or between two attempts", 1),
    "live": ("Numbers being dialled or talked to", 1),
    "completed": ("Numbers that answered, a person or a machine", 1),
    "busy": ("Numbers that were busy", 1),
    "no_answer": ("Numbers that did not answer", 0),
    "failed": ("Numbers that Twilio refused or could not reach", 0),
    "canceled": ("Numbers never dialled, or hung up, because of a cancel", 0),
    "unknown": ("Numbers of which nobody could learn what became", 0),
}

BulkCounts = Schema.from_dict(
    {
        name: fields.Integer(required=True, validate=_AT_LEAST_0, metadata=told(*_COUNTED[name]))
        for name in ("total", "waiting", *COUNTS)
    },
    name="BulkCounts",
)
BulkCounts.__doc__ = "How many of a campaign's numbers stand where. All but `total` add up to `total`."


class BulkResult(Schema):
    """How far a campaign is."""

    counts = fields.Nested(BulkCounts, required=True, metadata={"description": "Its numbers, by where they stand"})
    retrying_callbacks = _retrying("of its own events")
    undelivered_callbacks = _undelivered("of its own events")
    waiting_for = fields.Dict(
        required=True,
        keys=fields.String(validate=validate.OneOf([str(word) for word in WaitsFor])),
        values=fields.Integer(validate=_AT_LEAST_0),
        metadata=told("How many of the waiting numbers wait for what, the first that applies", {"pace": 1}),
    )
    estimated_completion = fields.DateTime(
        required=True,
        allow_none=True,
        metadata=told(
            "When its last call will be over, UTC, by its delay, the pace and how long its last 50 calls took; null if"
            " nobody can know: it is over, paused or held, or at its most concurrent calls with fewer than 20 over",
            ahead(600),
        ),
    )


class TaskState(Schema):
    """Where a task stands."""

    task_id = fields.String(required=True, metadata=told("Id of the task", TASK_ID))
    status = fields.String(
        required=True,
        validate=validate.OneOf([str(status) for status in TaskStatus]),
        metadata=told(
            "`PENDING` waits; `PROGRESS` is being dialled, or between two attempts, or some number of the campaign is"
            " not settled; `SUCCESS` Twilio took it (`result` tells whether anybody answered); `FAILURE` Twilio refused"
            " it, or nobody knows; `REVOKED` cancelled, or expired, before Twilio had it",
            "SUCCESS",
        ),
    )
    progress = fields.Integer(
        required=True,
        validate=validate.Range(0, 100),
        metadata=told("Percent of the way, or of a campaign's numbers that are settled", 100),
    )
    message = fields.String(
        required=True, metadata=told("One sentence for people: where it stands, and why it waits", "Call ended")
    )
    result = Either(
        CallResult,
        BulkResult,
        required=True,
        metadata={"description": "`CallResult` of a call, `BulkResult` of a campaign"},
    )
    paused = fields.Boolean(
        required=True, metadata=told("Whether nothing of it is dialled before it is resumed", False)
    )
    paused_reason = fields.String(
        required=True,
        allow_none=True,
        metadata=told("Why it paused by itself; null if somebody paused it, or it is not paused", None),
    )
    error = fields.String(
        required=True,
        allow_none=True,
        metadata=told("Why it failed, with Twilio's code if there is one; null if it did not", None),
    )
    created_at = fields.DateTime(required=True, metadata=told("When it was accepted, UTC", ahead(-75)))
    updated_at = fields.DateTime(required=True, metadata=told("When it last changed, UTC", ahead(-20)))
