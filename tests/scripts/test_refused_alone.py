"""A call that alone is refused as if the account were, as for what it says, keeps nobody else waiting for long."""

from collections.abc import Callable

import pytest

from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store
from tests.scripts.test_hold import held, probe_call, probe_seconds, read
from tests.scripts.test_outcome import ACCOUNT

NUMBER, OTHER = "+12025550100", "+12025550101"
Begin = Callable[[Store], None]


def singles(store: Store) -> None:
    store.call(NUMBER)
    store.call(OTHER)


def campaign(store: Store) -> None:
    store.campaign(NUMBER, OTHER)


def refused_once(store: Store) -> str:
    """The first call, refused; it is the next probe."""
    (call,) = store.ledger.admit(1)
    store.ledger.begin(call, "attempt")
    store.outcome(call, ACCOUNT)
    return call


def refused_as_probe(store: Store, call: str) -> None:
    read(store, passed=True)
    store.pass_time(1)  # a campaign's pace
    assert probe_call(store) == call
    store.outcome(call, ACCOUNT)


def taken(store: Store, sid: str) -> str:
    """The next probe, which Twilio takes."""
    call = probe_call(store)
    store.outcome(call, placed(sid, "queued", 60))
    return call


def goes_again(store: Store) -> str:
    """The next call, whose request leaves."""
    store.pass_time(3)
    (call,) = store.ledger.admit(1)
    store.pass_time(0.1)
    store.ledger.begin(call, "again")
    assert store.state(call) == "dialling"
    return call


@pytest.mark.parametrize("begin", [singles, campaign])
def test_another_call_is_the_next_probe_where_there_is_one(store: Store, begin: Begin) -> None:
    begin(store)
    call = refused_once(store)
    refused_as_probe(store, call)
    read(store, passed=True)
    assert taken(store, "CA1") != call

    assert held(store) == {}
    assert goes_again(store) == call


def test_who_is_alone_is_the_next_probe_a_second_after_the_read(store: Store) -> None:
    store.call(NUMBER)
    call = refused_once(store)
    refused_as_probe(store, call)
    read(store, passed=True)
    store.pass_time(max(0, probe_seconds(store)) + 0.02)
    assert store.ledger.admit(50) == []
    store.pass_time(1)

    assert probe_call(store) == call


@pytest.mark.parametrize("begin", [singles, campaign])
def test_refused_again_though_others_were_taken_since_it_holds_nothing_and_waits_a_minute(
    store: Store, begin: Begin
) -> None:
    begin(store)
    call = refused_once(store)
    refused_as_probe(store, call)
    read(store, passed=True)
    taken(store, "CA1")
    assert goes_again(store) == call
    assert store.outcome(call, ACCOUNT).state == "waiting"

    assert held(store) == {}
    third = store.dialling("+12025550102")
    store.pass_time(58)
    assert store.ledger.admit(50) == []
    store.outcome(third, ACCOUNT)
    assert held(store)["kind"] == "account"


def test_it_waits_as_long_as_it_has_been_refused_an_hour_at_most(store: Store) -> None:
    singles(store)
    call = refused_once(store)
    refused_as_probe(store, call)
    read(store, passed=True)
    taken(store, "CA1")
    for hours, seconds in ((0.2, 720), (6, 3600)):
        store.pass_time(hours * 3600 - 60)
        assert goes_again(store) == call
        store.outcome(call, ACCOUNT)
        store.pass_time(seconds - 60)
        assert store.ledger.admit(50) == []
        store.pass_time(130)
