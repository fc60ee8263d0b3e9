"""restore.lua, requeue.lua and drain.lua: records that are a copy, which `worker.admin backup` made."""

from schemas.lua.script import Script

#: Numbers of a campaign that one run of restore.lua looks at.
MOST_AT_ONCE = 200


def put_in_doubt(task_id: str, retention_days: int) -> Script[int]:
    """What of the task may have been dialled since the copy is in doubt; how many, MOST_AT_ONCE: maybe not all."""
    return Script("restore", (task_id, retention_days * 86_400_000, MOST_AT_ONCE), int)


def set_apart(call_id: str) -> Script[bool]:
    """It cannot be told which call of Twilio's is this one's, so it is never put back."""
    return Script("apart", (call_id,), lambda answer: bool(answer == "1"))


def requeue(call_id: str, retention_days: int, *, ask_only: bool) -> Script[bool]:
    """Puts a call back that a restore left unknown; whether it is such a call."""
    words = (call_id, retention_days * 86_400_000, "" if ask_only else "1")
    return Script("requeue", words, lambda answer: bool(answer == "1"))


def accept_copy() -> Script[bool]:
    """Takes the mark of a copy off, and drains instead; False if there was none."""
    return Script("drain", ("accept",), lambda answer: bool(answer == "1"))
