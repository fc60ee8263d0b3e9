"""Records of calls for tests."""

from schemas.records import CallRecord
from tests.processes import FROM_NUMBER


def record(number: str, **fields: str) -> CallRecord:
    """A call that is being dialled."""
    return CallRecord.read(
        f"call-{number}",
        {
            "state": "dialling",
            "to": number,
            "from": FROM_NUMBER,
            "created_ms": "1",
            "updated_ms": "1",
            "due_ms": "1",
            **fields,
        },
    )
