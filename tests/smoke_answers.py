"""What the smoke test expects of answers."""

from datetime import datetime

E164_SENTENCE = "Phone number must be in E.164 format (e.g., +1234567890)"


QUEUED = {"success", "task_id", "message", "created_at", "warnings"}


HEALTH = {
    "status",
    "twilio_configured",
    "celery_configured",
    "timestamp",
    "redis",
    "workers",
    "beat",
    "queue_depth",
    "problems",
}


STATE = {"task_id", "status", "progress", "message", "result", "error", "created_at", "updated_at", "paused"}


#: Present only when there is something to tell.
RARE = {"account_error", "drained", "tzdata", "paused_reason", "skipped"}


COUNTS = {"waiting", "live", "completed", "busy", "no_answer", "failed", "canceled", "unknown"}


class Wrong(Exception):
    """The server does not do what the contract says."""


def expect(condition: object, sentence: str) -> None:
    if not condition:
        raise Wrong(sentence)


def instant(text: object) -> datetime:
    expect(isinstance(text, str) and text.endswith("Z"), f"{text!r} is no UTC time that ends in Z")
    return datetime.fromisoformat(str(text))
