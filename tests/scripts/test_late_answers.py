"""Answers of Twilio to requests of an earlier attempt, that come when the next one is on its way."""

import pytest

from schemas.campaigns.filling import Bounds, Repetition
from schemas.campaigns.retrying import Retry, marks_to_retry, retry
from schemas.scripts.outcome import later, placed
from tests.scripts.conftest import Store

FIRST, SECOND = placed("CA1", "queued", 60), placed("CA2", "queued", 60)


@pytest.fixture
def again(store: Store) -> str:
    """A call whose first attempt was busy before its request was answered, and whose second leaves."""
    call = store.dialling()
    store.callback(call, "busy", sid="CA1")
    what, known_by = Retry(marks_to_retry(["busy"]), delay_ms=0), Repetition("digest", "body")
    store.scripts.run(retry(call, what, known_by, 30, Bounds(0)))
    store.pass_time(1)
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "second")
    assert (store.state(call), store.task(call)["tries"]) == ("dialling", "2")
    return call


def test_an_earlier_attempts_answer_is_not_taken_for_the_next_ones(store: Store, again: str) -> None:
    assert store.outcome(again, FIRST, tries=1).verdict == "moved"
    assert (store.state(again), store.task(again).get("sid")) == ("dialling", None)
    store.outcome(again, SECOND)

    assert (store.state(again), store.task(again)["sid"]) == ("placed", "CA2")


def test_an_earlier_attempts_answer_keeps_no_refused_call_from_waiting_again(store: Store, again: str) -> None:
    store.outcome(again, FIRST, tries=1)
    store.outcome(again, later(1))

    assert store.state(again) == "waiting"
