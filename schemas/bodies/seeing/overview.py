"""Bodies of GET /overview, POST /drain and POST /undrain."""

from marshmallow import Schema, fields, validate

from schemas.bodies.health import HealthProblem
from schemas.bodies.telling import TASK_ID, ahead, told
from schemas.explanation import WaitsFor

_WORDS = [str(word) for word in WaitsFor]


def _count(description: str, example: int = 3) -> fields.Integer:
    return fields.Integer(required=True, validate=validate.Range(0), metadata=told(description, example))


def _instant(description: str, *, may_be_null: bool = True) -> fields.DateTime:
    return fields.DateTime(required=True, allow_none=may_be_null, metadata=told(description, ahead()))


class OverviewHealth(Schema):
    """Whether calls go."""

    status = fields.String(
        required=True,
        validate=validate.OneOf(["healthy", "degraded"]),
        metadata=told("As `/health` says", "healthy"),
    )
    sentence = fields.String(required=True, metadata=told("For people", "Calls are accepted and placed."))


class OverviewAccount(Schema):
    """What holds all calls, and until when."""

    held = fields.String(
        required=True, allow_none=True, metadata=told("Why the account is held; null if it is not", "error 10001")
    )
    next_probe_at = _instant("When it is tried again whether a held account is taken; null if it is not held")
    paused_until = _instant(
        "Until when nothing goes, since Twilio said wait, queues calls itself or was not reached; null if calls go"
    )
    next_call_at = _instant("When the account's pace lets the next call go; null for now")
    next_single_call_at = _instant("Likewise of single and scheduled calls")


class OverviewCalls(Schema):
    """Calls that began."""

    last_minute = _count("Calls that began in the last minute, up to ten seconds more")
    limit_per_minute = fields.Float(
        required=True, validate=validate.Range(0), metadata=told("CALLS_PER_SECOND, of a minute", 60)
    )
    last_hour = fields.List(
        fields.Integer(),
        required=True,
        validate=validate.Length(60, 60),
        metadata=told("Calls that began in each of the last 60 minutes, the oldest first; the last one runs", [0] * 60),
    )


class OverviewLive(Schema):
    """Calls that are live."""

    total = _count("How many count against the limit")
    limit = _count("MAX_LIVE_CALLS", 50)
    by_state = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.Integer(),
        metadata=told("How many are in which state of docs/states.md", {"placed": 3}),
    )


class OverviewWaiting(Schema):
    """What waits."""

    total = _count("Numbers that wait: calls, and those of campaigns", 1003)
    due = _count("Tasks that are due; a campaign counts as one")
    later = _count("Tasks that are due later; a campaign counts as one")
    by_waiting_for = fields.Dict(
        required=True,
        keys=fields.String(validate=validate.OneOf(_WORDS)),
        values=fields.Integer(),
        metadata=told(
            "How many numbers wait for what, by every word of `waiting_for`; single calls that are due later, for"
            " whatever reason, wait for `schedule`",
            dict.fromkeys(_WORDS, 0) | {"pace": 1000, "schedule": 3},
        ),
    )


class OverviewCampaign(Schema):
    """A campaign that waits in line or has live calls."""

    task_id = fields.String(required=True, metadata=told("Its id", TASK_ID))
    name = fields.String(required=True, allow_none=True, metadata=told("Its name", "Reminders of November"))
    waiting = _count("Its numbers that wait", 997)
    waiting_for = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(_WORDS),
        metadata=told("What they wait for; null if none waits", "pace"),
    )
    live = _count("Its calls that are live")
    max_live = _count("Its max_concurrent_calls", 10)


class OverviewHour(Schema):
    """What is due in one hour."""

    begins_at = _instant("When the hour begins", may_be_null=False)
    calls = _count("Single and scheduled calls due in it")
    campaigns = _count("Campaigns whose next call may go in it", 1)


class OverviewBeyond(Schema):
    """What is due after all those hours."""

    calls = _count("Calls", 12)
    campaigns = _count("Campaigns", 0)


class OverviewAhead(Schema):
    """What comes."""

    hours = fields.List(
        fields.Nested(OverviewHour),
        required=True,
        metadata=told("Of this hour and the next 71, those in which something is due", []),
    )
    beyond = fields.Nested(OverviewBeyond, required=True, metadata={"description": "Due after those"})


class OverviewPart(Schema):
    """A process of ours."""

    name = fields.String(
        required=True, metadata=told("Which of its kind it is; `worker.admin check` tells where that runs", "worker 2")
    )
    kind = fields.String(
        required=True,
        validate=validate.OneOf(["web", "worker", "beat"]),
        metadata=told("What it does", "worker"),
    )
    clock_ahead_seconds = fields.Float(
        required=True,
        validate=validate.Range(-1e9),
        metadata=told("How far its host's clock is ahead of Redis's; negative: behind", 0.002),
    )


class Overview(Schema):
    """What there is now and what comes."""

    now = _instant("Redis's time, which all of this is of", may_be_null=False)
    health = fields.Nested(OverviewHealth, required=True, metadata={"description": "In one sentence, whether calls go"})
    problems = fields.List(
        fields.Nested(HealthProblem), required=True, metadata=told("As `/health` names them; empty if all is well", [])
    )
    simulated = fields.Boolean(
        required=True, metadata=told("Whether calls go to a simulator; if not, each call COSTS MONEY", True)
    )
    drained_since = _instant("Since when the operator lets no call go; null if calls go")
    account = fields.Nested(OverviewAccount, required=True, metadata={"description": "What holds all calls"})
    calls = fields.Nested(OverviewCalls, required=True, metadata={"description": "What began lately"})
    live = fields.Nested(OverviewLive, required=True, metadata={"description": "What is live"})
    waiting = fields.Nested(OverviewWaiting, required=True, metadata={"description": "What waits, and for what"})
    next_due_at = _instant("When the next task becomes due; null if none is due later")
    longest_due_seconds = fields.Float(
        required=True,
        validate=validate.Range(0),
        metadata=told("For how long what is due longest has waited for its turn; 0 if nothing is due", 0.4),
    )
    campaigns = fields.List(
        fields.Nested(OverviewCampaign),
        required=True,
        metadata=told(
            "At most 100 that wait in line or have live calls; paused ones without live calls are not here", []
        ),
    )
    undelivered_events = _count("Calls and campaigns with events that their client does not have yet", 0)
    workers = _count("Workers that are alive", 1)
    beats = _count("Beats that are alive", 1)
    parts = fields.List(
        fields.Nested(OverviewPart),
        metadata=told("Web processes, workers and beats; only for names that see everybody's tasks", []),
    )
    ahead = fields.Nested(OverviewAhead, required=True, metadata={"description": "What is due in the next three days"})


class Drained(Schema):
    """Whether calls go."""

    success = fields.Boolean(required=True, metadata=told("Always true", True))
    message = fields.String(required=True, metadata=told("For people", "Calls go again."))
    drained = fields.Boolean(required=True, metadata=told("Whether the operator lets no call go from now on", False))
