"""Forms that Twilio posts to us, and that we post to clients, as documented. All values are texts."""

from marshmallow import INCLUDE, Schema, fields, validate

from schemas.bodies.telling import CALL_SID, CALLEE, CALLER, TASK_ID, told
from schemas.lua.facts import STATUSES
from schemas.states import TaskStatus

_TIMESTAMP = "Fri, 27 Nov 2026 09:00:00 +0000"
_WORDS = validate.OneOf(STATUSES)
_TRUE_OR_FALSE = validate.OneOf(["true", "false"])


class _OfCall(Schema):
    """What both have in common."""

    class Meta:
        unknown = INCLUDE

    CallSid = fields.String(metadata=told("Twilio's id of the call", CALL_SID))
    From = fields.String(metadata=told("Number that it is called from, E.164", CALLER))
    To = fields.String(metadata=told("Number that is called, E.164", CALLEE))
    CallStatus = fields.String(validate=_WORDS, metadata=told("Twilio's word for where the call is", "completed"))
    Timestamp = fields.String(metadata=told("When that was, as RFC 2822 has it, UTC", _TIMESTAMP))
    CallDuration = fields.String(metadata=told("How long they talked, in seconds; with `completed`", "42"))
    AnsweredBy = fields.String(
        metadata=told(
            "Who answered: `human`, `fax`, `machine_start`, `machine_end_beep` …; in an event of its own", "human"
        )
    )


class TwilioPost(_OfCall):
    """What is read of the many fields that Twilio sends. One that does not look as it should is as good as missing."""

    SequenceNumber = fields.String(metadata=told("Twilio's count of the call's events, from 0", "3"))
    Digits = fields.String(metadata=told("Keys that were pressed: 0-9, `*`, `#`", "1"))
    RecordingSid = fields.String(
        metadata=told("Twilio's id of the recording, if there is one", "RE7f3c9a526f0e4b579a3e2f1c8d5e4b6a")
    )
    RecordingStatus = fields.String(
        metadata=told("In a recording's own post: `in-progress`, `completed` or `absent`", "completed")
    )


class CallEvent(_OfCall):
    """Something that happened to a call: Twilio's fields, those named here and others, and ours."""

    AccountSid = fields.String(metadata=told("Twilio's id of the account", "ACa1b2c3d4e5f60718293a4b5c6d7e8f90"))
    ErrorCode = fields.String(metadata=told("Twilio's code of what went wrong, if it did", "21211"))
    TaskId = fields.String(
        required=True, metadata=told("Id of the call: a task of yours, or `<CampaignId>-<n>`", TASK_ID)
    )
    CampaignId = fields.String(metadata=told("Id of the campaign that the call is of, if it is of one", TASK_ID))
    ExternalId = fields.String(
        metadata=told("Your own `external_id` of the person called, if you gave one", "crm-4711")
    )
    CampaignExternalId = fields.String(
        metadata=told("Your own `external_id` of the campaign that the call is of, if you gave one", "job-2026-11")
    )
    SequenceNumber = fields.String(
        required=True,
        metadata=told(
            "Counts the events of one call over all attempts, from 0 and without gaps; the same if repeated", "3"
        ),
    )
    Attempt = fields.String(required=True, metadata=told("Which attempt of the call it is about, from 1", "1"))
    MoreAttempts = fields.String(
        validate=_TRUE_OR_FALSE, metadata=told("With a final event: whether another attempt follows", "false")
    )
    Outcome = fields.String(
        validate=validate.OneOf(["unknown"]),
        metadata=told("`unknown`, with `failed`: nobody could learn what became of the call", "unknown"),
    )
    Correction = fields.String(
        validate=validate.OneOf(["true"]),
        metadata=told("`true`: an earlier final event of the call was wrong, and this is the truth", "true"),
    )


def _count(what: str, example: str) -> fields.String:
    return fields.String(required=True, metadata=told(what, example))


class CampaignEvent(Schema):
    """How a campaign stands. Its counts but `CountTotal` add up to that."""

    AccountSid = fields.String(metadata=told("Twilio's id of the account", "ACa1b2c3d4e5f60718293a4b5c6d7e8f90"))
    TaskId = fields.String(required=True, metadata=told("Id of the campaign: a task of yours", TASK_ID))
    CampaignId = fields.String(required=True, metadata=told("The same", TASK_ID))
    CampaignExternalId = fields.String(
        metadata=told("Your own `external_id` of the campaign, if you gave one", "job-2026-11")
    )
    SequenceNumber = fields.String(required=True, metadata=told("Counts the campaign's own events, from 0", "0"))
    TaskStatus = fields.String(
        required=True,
        validate=validate.OneOf([str(status) for status in TaskStatus]),
        metadata=told("The word of task-status", "SUCCESS"),
    )
    Timestamp = fields.String(required=True, metadata=told("When that was, as RFC 2822 has it, UTC", _TIMESTAMP))
    CountTotal = _count("All numbers", "4")
    CountWaiting = _count("Numbers not dialled yet", "0")
    CountLive = _count("Numbers being dialled or talked to", "0")
    CountCompleted = _count("Numbers that answered", "2")
    CountBusy = _count("Numbers that were busy", "1")
    CountNoAnswer = _count("Numbers that did not answer", "1")
    CountFailed = _count("Numbers that Twilio refused or could not reach", "0")
    CountCanceled = _count("Numbers never dialled, or hung up, because of a cancel", "0")
    CountUnknown = _count("Numbers of which nobody could learn what became", "0")
