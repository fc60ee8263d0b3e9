"""Answers about tasks."""

from typing import Any, Final

from schemas.bodies.telling import CALL_SID, CALLEE, CALLER, TASK_ID, ahead


def _state(
    status: str, progress: int, message: str, result: dict[str, Any], error: str | None = None
) -> dict[str, Any]:
    return {
        "task_id": TASK_ID,
        "status": status,
        "progress": progress,
        "message": message,
        "result": result,
        "paused": False,
        "paused_reason": None,
        "error": error,
        "created_at": ahead(-75),
        "updated_at": ahead(-20),
    }


STATES: Final = {
    "answered": _state(
        "SUCCESS",
        100,
        "Call ended",
        {
            "outcome": "answered",
            "call_sid": CALL_SID,
            "call_status": "completed",
            "to_number": CALLEE,
            "from_number": CALLER,
            "started_at": ahead(-70),
            "ended_at": ahead(-20),
            "duration_seconds": 42,
            "answered_by": None,
        },
    ),
    "waiting": _state("PENDING", 0, "Waiting: no worker is alive", {"outcome": "waiting", "waiting_for": "worker"}),
    "refused": _state(
        "FAILURE", 100, "Call refused by Twilio", {"outcome": "failed"}, "Invalid 'To' phone number (error 21211)"
    ),
    "campaign": _state(
        "PROGRESS",
        50,
        "2 of 4 numbers settled, 1 calls live; waiting: campaign's delay",
        {
            "counts": {
                "total": 4,
                "waiting": 1,
                "live": 1,
                "completed": 1,
                "busy": 1,
                "no_answer": 0,
                "failed": 0,
                "canceled": 0,
                "unknown": 0,
            },
            "waiting_for": {"pace": 1},
            "estimated_completion": ahead(90),
        },
    ),
}
