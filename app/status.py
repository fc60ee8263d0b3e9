"""From a record to the body of task-status."""

from typing import Any, Final

from schemas.moment import utc_text
from schemas.records import CallRecord, CampaignRecord, TaskRecord
from schemas.states import CallState, CampaignState, TaskStatus

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

#: States in which Twilio has the call, or may have it.
_HANDED_OVER: Final = frozenset({CallState.PLACED, CallState.ENDED, CallState.UNKNOWN})


def waits(task: TaskRecord) -> bool:
    """Whether a limit, or its time, keeps the call or some number of the campaign."""
    if isinstance(task, CampaignRecord):
        return task.state is CampaignState.ACTIVE and task.waiting > 0
    return task.state is CallState.WAITING


def task_state(task: TaskRecord, reason: str = "") -> dict[str, Any]:
    """Body of GET /task-status; `reason` is why a task waits, if it does."""
    parts = _campaign_parts(task) if isinstance(task, CampaignRecord) else _call_parts(task)
    if reason:
        parts["message"] += f"{'; waiting' if isinstance(task, CampaignRecord) else ''}: {reason}"
    return {
        "task_id": task.id,
        **parts,
        "error": task.error,
        "created_at": utc_text(task.created_ms),
        "updated_at": utc_text(task.updated_ms),
    }


def _call_parts(call: CallRecord) -> dict[str, Any]:
    status, progress = _CALL_STATUS[call.state]
    return {
        "status": status,
        "progress": progress,
        "message": _CALL_MESSAGE[call.state],
        "result": _call_result(call) if call.state in _HANDED_OVER else None,
    }


def _call_result(call: CallRecord) -> dict[str, Any]:
    rare = {"digits": call.digits, "undelivered_callbacks": call.undelivered}
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
        "status": _campaign_status(campaign),
        "progress": settled * 100 // campaign.total,
        "message": f"{settled} of {campaign.total} numbers settled, {campaign.counts['live']} calls live",
        "result": {"counts": {"total": campaign.total, "waiting": campaign.waiting, **campaign.counts}},
    }


def _campaign_status(campaign: CampaignRecord) -> TaskStatus:
    if campaign.state is CampaignState.CANCELLED:
        return TaskStatus.REVOKED
    if campaign.state is CampaignState.STOPPED:
        return TaskStatus.FAILURE
    if campaign.state is CampaignState.FINISHED:
        return TaskStatus.SUCCESS if campaign.placed else TaskStatus.FAILURE
    return TaskStatus.PROGRESS if campaign.dialled else TaskStatus.PENDING


def _optional_text(ms: int | None) -> str | None:
    return None if ms is None else utc_text(ms)
