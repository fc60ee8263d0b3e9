"""Calls that are due for a check."""

from collections.abc import Callable

from schemas.records import CallRecord
from schemas.scripts.outcome import in_doubt, placed
from tests.scripts.conftest import Store
from tests.worker.calls import placed_with
from worker.settings import Settings
from worker.twilio.outcomes import Placed
from worker.twilio.telephone import Telephone

HOUR_SECONDS = 3600
PUBLIC = "https://calls.example"

Check = Callable[..., None]


def record_of(store: Store, call: str) -> CallRecord:
    return CallRecord.read(call, store.task(call))


def doubtful(store: Store, number: str) -> CallRecord:
    """A call that nobody knows of whether Twilio has it."""
    call = store.dialling(number)
    store.outcome(call, in_doubt("No answer from Twilio (ReadTimeout)"))
    return record_of(store, call)


def placed_at_twilio(store: Store, settings: Settings, number: str) -> CallRecord:
    """A call that Twilio has, and so does the record."""
    call = store.dialling(number)
    store.outcome(call, placed(new_sid(settings, store, call), "queued", 0))
    return record_of(store, call)


def new_sid(settings: Settings, store: Store, call: str) -> str:
    outcome = placed_with(Telephone(settings), record_of(store, call))
    assert isinstance(outcome, Placed)
    return outcome.sid
