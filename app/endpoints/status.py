"""From a record to the body of task-status."""

from typing import Any, Final

from runtime.masking import mask_refusal
from schemas.campaign_status import campaign_status
from schemas.explanation import obstacle, waits_for, why
from schemas.limits import Limits
from schemas.listing.finish import finish_of
from schemas.listing.numbers import waiting_numbers
from schemas.moment import utc_text
from schemas.records import CallRecord, CampaignRecord, TaskRecord
from schemas.scripts.explain import Facts
from schemas.states import FINAL_STATES, CallOutcome, CallState, CampaignState, TaskStatus

_CALL_STATUS: Final = {
    CallState.WAITING: (TaskStatus.PENDING, 0),
    CallState.DISPATCHED: (TaskStatus.PROGRESS, 25),
    CallState.DIALLING: (TaskStatus.PROGRESS, 50),
    CallState.CONFIRMING: (TaskStatus.PROGRESS, 75),
    CallState.PLACED: (TaskStatus.SUCCESS, 100),
    CallState.ENDED: (TaskStatus.SUCCESS, 100),
    CallState.REJECTED: (TaskStatus.FAILURE, 100),
    CallState.UNKNOWN: (TaskStatus.FAILURE, 100),
    CallState.CANCELLED: (TaskStatus.REVOKED, 0),
}

_CALL_MESSAGE: Final = {
    CallState.WAITING: "Waiting",
    CallState.DISPATCHED: "Handed to a worker",
    CallState.DIALLING: "Creating call",
    CallState.CONFIRMING: "Asking Twilio whether it took the call",
    CallState.PLACED: "Call accepted by Twilio",
    CallState.ENDED: "Call ended",
    CallState.REJECTED: "Call refused by Twilio",
    CallState.UNKNOWN: "It could not be learnt whether Twilio took the call",
    CallState.CANCELLED: "Call cancelled",
}

#: Of calls that ended, where that is not all there is to say.
_ENDED_MESSAGE: Final = {
    CallOutcome.MACHINE: "Call ended; a machine answered",
    CallOutcome.BUSY: "Twilio called; the line was busy",
    CallOutcome.NO_ANSWER: "Twilio called; nobody answered",
    CallOutcome.FAILED: "Twilio called; the call failed",
    CallOutcome.HUNG_UP: "Call hung up by a cancel",
    CallOutcome.EXPIRED: "Call expired: it had not begun by its expires_at",
    CallOutcome.UNKNOWN: "Call ended; it could not be learnt how",
}

_CAMPAIGN_STATUSES: Final = {
    CampaignState.ACTIVE: frozenset({TaskStatus.PENDING, TaskStatus.PROGRESS, TaskStatus.REVOKED}),
    CampaignState.FINISHED: frozenset(TaskStatus) - {TaskStatus.PENDING},
    CampaignState.CANCELLED: frozenset({TaskStatus.REVOKED}),
    CampaignState.STOPPED: frozenset({TaskStatus.FAILURE}),
}

_OVER: Final = frozenset({CallState.ENDED, CallState.CANCELLED})
#: States in which Twilio has the call, or may have it.
_HANDED_OVER: Final = frozenset({CallState.PLACED, CallState.ENDED, CallState.UNKNOWN})

_OUTCOME_BY_STATE: Final = {
    CallState.WAITING: CallOutcome.WAITING,
    CallState.DISPATCHED: CallOutcome.WAITING,
    CallState.DIALLING: CallOutcome.LIVE,
    CallState.CONFIRMING: CallOutcome.LIVE,
    CallState.PLACED: CallOutcome.LIVE,
    CallState.REJECTED: CallOutcome.FAILED,
    CallState.UNKNOWN: CallOutcome.UNKNOWN,
}

#: Of calls that ended, by Twilio's final status (https://www.twilio.com/docs/voice/api/call-resource).
_OUTCOME_BY_STATUS: Final = {
    "busy": CallOutcome.BUSY,
    "no-answer": CallOutcome.NO_ANSWER,
    "failed": CallOutcome.FAILED,
    "canceled": CallOutcome.FAILED,
}
_MACHINES: Final = ("machine", "fax")


def waits(task: TaskRecord) -> bool:
    """Whether a limit, or its time, keeps the call or some number of the campaign."""
    if isinstance(task, CampaignRecord):
        return task.state is CampaignState.ACTIVE and task.waiting > 0
    return task.state is CallState.WAITING


def states_with(status: TaskStatus) -> list[str]:
    """States in which a call, or a campaign, may have that status."""
    of_calls = {str(state) for state, (its, _) in _CALL_STATUS.items() if its is status}
    if status is TaskStatus.PROGRESS:
        of_calls.add(str(CallState.WAITING))  # between attempts
    elif status in {TaskStatus.SUCCESS, TaskStatus.FAILURE}:
        of_calls.add(str(CallState.CANCELLED))  # an attempt that was to follow
    return sorted(of_calls | {str(state) for state, its in _CAMPAIGN_STATUSES.items() if status in its})


def status_of(task: TaskRecord) -> TaskStatus:
    """The word of task-status."""
    if isinstance(task, CampaignRecord):
        return campaign_status(task)
    between = task.state is CallState.WAITING and task.attempt_number > 1
    return TaskStatus.PROGRESS if between else _CALL_STATUS[task.made.state][0]


def told_state(task: TaskRecord, facts: Facts, limits: Limits) -> dict[str, Any]:
    """Body of GET /task-status, with why and for what the task waits, if it does."""
    if facts.hold_reason:  # it is about the call that was refused, which may be another client's
        facts = facts._replace(hold_reason=mask_refusal(facts.hold_reason))
    found = obstacle(facts, limits)
    if isinstance(task, CampaignRecord):
        parts = _campaign_parts(task)
        parts["result"] |= {
            "waiting_for": {str(word): count for word, count in waiting_numbers(facts, limits).items()},
            "estimated_completion": _optional_text(finish_of(task, facts, limits)),
        }
        error = task.error
    else:
        made = task.made
        parts, error = _call_parts(made), made.error
        if word := waits_for(facts, found):
            parts["result"]["waiting_for"] = word
    if waits(task):
        reason = why(facts, found)
        waiting = "; waiting" if isinstance(task, CampaignRecord) else ""
        parts["message"] += f"{waiting}{' ' if reason.startswith('for ') else ': '}{reason}"
    paused = facts.paused if _pauses(task) else None
    return {
        "task_id": task.id,
        **parts,
        "paused": paused is not None,
        "paused_reason": paused or None,
        "error": error,
        "created_at": utc_text(task.created_ms),
        "updated_at": utc_text(task.updated_ms),
    }


def _pauses(task: TaskRecord) -> bool:
    """Whether anything of the task can still be held up."""
    if isinstance(task, CampaignRecord):
        return task.state is CampaignState.ACTIVE
    return task.state not in FINAL_STATES


def _call_parts(call: CallRecord) -> dict[str, Any]:
    progress = _CALL_STATUS[call.state][1]
    outcome = _outcome(call)
    ended = _ENDED_MESSAGE.get(outcome) if call.state in _OVER else None
    return {
        "status": status_of(call),
        "progress": progress,
        "message": ended or _CALL_MESSAGE[call.state],
        "result": {"outcome": outcome, **(_call_result(call) if call.state in _HANDED_OVER else {}), **_untold(call)},
    }


def _outcome(call: CallRecord) -> CallOutcome:
    """The word; a call that was marked to be hung up and then completed, or was cancelled at Twilio, was hung up."""
    if call.state is CallState.CANCELLED:
        return CallOutcome(call.reason) if call.reason in {"expired", "do_not_call"} else CallOutcome.CANCELLED
    if call.state is not CallState.ENDED:
        return _OUTCOME_BY_STATE[call.state]
    if call.hang_up and call.call_status in {"completed", "canceled"}:
        return CallOutcome.HUNG_UP
    if call.call_status == "completed":
        by_machine = (call.answered_by or "").startswith(_MACHINES)
        return CallOutcome.MACHINE if by_machine else CallOutcome.ANSWERED
    return _OUTCOME_BY_STATUS.get(call.call_status or "", CallOutcome.UNKNOWN)


def _call_result(call: CallRecord) -> dict[str, Any]:
    rare = {"digits": call.digits, "recording_sid": call.recording_sid}
    return {
        "call_sid": call.sid,
        "call_status": call.call_status,
        "to_number": call.to,
        "from_number": call.from_number,
        "started_at": _optional_text(call.started_ms),
        "ended_at": _optional_text(call.ended_ms),
        "duration_seconds": call.duration_seconds,
        "answered_by": call.answered_by,
        **{name: value for name, value in rare.items() if value},
    }


def _campaign_parts(campaign: CampaignRecord) -> dict[str, Any]:
    settled = campaign.settled
    return {
        "status": campaign_status(campaign),
        "progress": settled * 100 // campaign.total,
        "message": f"{settled} of {campaign.total} numbers settled, {campaign.counts['live']} calls live",
        "result": {
            "counts": {"total": campaign.total, "waiting": campaign.waiting, **campaign.counts},
            **_untold(campaign),
        },
    }


def _untold(task: TaskRecord) -> dict[str, int]:
    """Events of it that its client does not have; also of one that was never handed over."""
    if not (task.undelivered or task.retrying):
        return {}
    counts = {"undelivered_callbacks": task.undelivered, "retrying_callbacks": task.retrying}
    return {name: count for name, count in counts.items() if count}


def _optional_text(ms: int | None) -> str | None:
    return None if ms is None else utc_text(ms)
