"""A call that alone is put off, again and again, lets others be tried: all wait as long as Twilio says, no longer."""

from collections.abc import Callable

import pytest

from schemas.scripts.outcome import later, placed
from tests.scripts.conftest import Store

Begin = Callable[[Store], object]


def singles(store: Store) -> None:
    store.call("+12025550100")
    store.call("+12025550101")


def campaign(store: Store) -> None:
    store.campaign("+12025550100", "+12025550101")


def tried(store: Store, after_seconds: float = 1.1) -> str:
    """The next call, whose request leaves when the pause is over."""
    store.pass_time(after_seconds)
    (call,) = store.ledger.admit(1)
    store.pass_time(0.1)
    store.ledger.begin(call, f"after {after_seconds}")
    assert store.state(call) == "dialling"
    return call


@pytest.mark.parametrize("begin", [singles, campaign])
@pytest.mark.parametrize("says", [None, 1.0], ids=["429", "429 with Retry-After"])
def test_the_third_time_another_call_goes_first(store: Store, begin: Begin, says: float | None) -> None:
    begin(store)
    call = tried(store)
    for pause_seconds in (1, 2):
        store.outcome(call, later(says))
        assert tried(store, pause_seconds + 0.1) == call
    store.outcome(call, later(says))
    other = tried(store, (says or 4) + 0.1)
    assert other != call

    store.outcome(other, placed("CA1", "queued", 60))
    assert tried(store) == call


def test_what_never_left_is_put_off_by_nobody(store: Store) -> None:
    call = store.dialling()
    for _ in range(5):
        store.outcome(call, later(0))
        assert tried(store, 0.1) == call
    store.outcome(call, later())

    assert store.ledger.admit(50) == []
    assert tried(store) == call
