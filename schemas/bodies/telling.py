"""What the documentation says of a field: a sentence and an example, whose times are computed when it is served."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

#: Numbers and ids of examples. The numbers are fictional (https://nanpa.com, 555-0100 to 0199).
CALLEE: Final = "+12025550100"
OTHER_CALLEE: Final = "+12025550101"
CALLER: Final = "+12025550190"
#: To be called by no example: for what would keep the examples from being called.
UNWANTED: Final = "+12025550177"
FORGOTTEN: Final = "+12025550155"
TASK_ID: Final = "7f3c9a52-6f0e-4b57-9a3e-2f1c8d5e4b6a"
JOB_ID: Final = "c2b1e0d9-4f3a-4c7e-8b6d-5a4f3e2d1c0b"
CALL_SID: Final = "CA7f3c9a526f0e4b579a3e2f1c8d5e4b6a"


def told(description: str, *examples: object, **more: object) -> dict[str, Any]:
    """`metadata` of a field: what it is, with its unit, range and default where it has such, and what it looks like."""
    return {"description": description, "examples": list(examples), **more}


def ahead(seconds: int = 0) -> str:
    """An instant so far after the one at which the document is served; before it, if negative."""
    return f"<instant{seconds:+d}>"


def day_ahead(days: int) -> str:
    """Likewise a day; a time of day may follow."""
    return f"<day{days:+d}>"


def instant_told(seconds: int, now: datetime) -> str:
    """What `ahead` stands for."""
    return (now.astimezone(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_told(days: int, now: datetime) -> str:
    """What `day_ahead` stands for."""
    return (now.astimezone(UTC) + timedelta(days=days)).date().isoformat()
