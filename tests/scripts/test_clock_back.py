"""Redis's clock was set back, or a failover led to a host that is behind: what is judged by instants is judged anew."""

import pytest

from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store
from tests.scripts.test_hold import held, in_doubt_in_a_row, probe_call, read, refused_in_a_row
from tests.scripts.test_outcome import ACCOUNT, AMBIGUOUS, DOUBT

HOUR = 3600


@pytest.fixture
def set_back(store: Store) -> Store:
    """Twilio took a call, and then the clock was set back by an hour."""
    store.ledger.clock("beat")
    store.placed("+12025550199", sid="CA9")
    store.pass_time(-HOUR)
    store.ledger.clock("beat")
    return store


def test_a_refused_account_is_held(set_back: Store) -> None:
    set_back.outcome(set_back.dialling(), ACCOUNT)

    assert held(set_back)["kind"] == "account"


def test_an_outage_is_held(set_back: Store) -> None:
    in_doubt_in_a_row(set_back, 3)

    assert held(set_back)["kind"] == "unknown"


def test_ambiguous_refusals_in_a_row_are_held(set_back: Store) -> None:
    refused_in_a_row(set_back, 5)

    assert held(set_back)["kind"] == "ambiguous"


def test_no_refusal_is_final_for_what_was_taken_before(set_back: Store) -> None:
    call = set_back.dialling()
    set_back.outcome(call, AMBIGUOUS)
    for _ in range(2):
        set_back.pass_time(61)
        assert set_back.ledger.admit(50) == [call]
        set_back.ledger.begin(call, "again")
        set_back.outcome(call, AMBIGUOUS)

    assert set_back.state(call) == "waiting"


def test_a_hold_ends_with_the_probe_that_is_taken(store: Store) -> None:
    store.ledger.clock("beat")
    store.outcome(store.dialling(), ACCOUNT)
    store.pass_time(-HOUR)
    store.ledger.clock("beat")
    store.call("+12025550101")
    read(store, passed=True)
    store.outcome(probe_call(store), placed("CA1", "queued", 60))

    assert held(store) == {}


def test_an_acceptance_ends_the_streak_that_began_before(store: Store) -> None:
    store.ledger.clock("beat")
    refused_in_a_row(store, 4)
    store.pass_time(-HOUR)
    store.ledger.clock("beat")
    store.placed("+12025550199", sid="CA9")
    store.pass_time(1)
    refused_in_a_row(store, 1, first=10)

    assert held(store) == {}


def test_a_request_that_left_before_says_nothing_of_later_ones(store: Store) -> None:
    store.ledger.clock("beat")
    call = store.dialling("+12025550199")
    store.pass_time(-HOUR)
    store.ledger.clock("beat")
    store.outcome(call, placed("CA9", "queued", 60))
    in_doubt_in_a_row(store, 2)
    store.outcome(store.dialling("+12025550100"), DOUBT)

    assert held(store)["kind"] == "unknown"
