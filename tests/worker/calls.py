"""Records of calls for tests."""

import time

from schemas.records import CallRecord
from tests.processes import FROM_NUMBER
from worker.departure import Departure
from worker.outcomes import Outcome
from worker.telephone import Telephone


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


def placed_with(telephone: Telephone, call: CallRecord) -> Outcome:
    """Places a call at once."""
    telephone.warm_up()
    now = time.monotonic()
    return telephone.place(call, Departure(now, now, 0))
