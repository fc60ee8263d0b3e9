"""Refusals and unknown outcomes in a row: what may be about numbers is about all calls when it meets many of them."""

import pytest

from schemas import keys
from schemas.scripts.outcome import Result, in_doubt, later, placed
from tests.scripts.conftest import Store
from tests.scripts.test_hold import held, in_doubt_in_a_row, probe_call, probe_seconds, read, refused_in_a_row
from tests.scripts.test_outcome import ACCOUNT, AMBIGUOUS, CALLER_ID, DOUBT, NUMBER


def test_five_ambiguous_refusals_of_different_numbers_in_a_row_hold_everything(store: Store) -> None:
    refused_in_a_row(store, 4)
    assert held(store) == {}
    store.outcome(store.dialling("+12025550999"), AMBIGUOUS)

    assert (held(store)["kind"], held(store)["stage"]) == ("ambiguous", "call")
    assert 20 < probe_seconds(store) <= 30


def test_the_same_number_refused_again_and_again_holds_nothing(store: Store) -> None:
    for _ in range(7):
        store.outcome(store.dialling("+12025550100"), AMBIGUOUS)
        store.pass_time(0.2)

    assert held(store) == {}


def test_an_acceptance_between_ambiguous_refusals_begins_their_count_anew(store: Store) -> None:
    refused_in_a_row(store, 4)
    store.placed("+12025550777", sid="CA7")
    store.pass_time(0.2)
    refused_in_a_row(store, 4, first=10)

    assert held(store) == {}


def test_refusals_that_are_an_hour_apart_are_not_in_a_row(store: Store) -> None:
    refused_in_a_row(store, 4)

    assert 3500 < store.redis.ttl(keys.PREFIX + "streak:ambiguous") <= 3600


def test_a_hold_in_doubt_about_numbers_tries_another_number_every_half_minute(store: Store) -> None:
    refused_in_a_row(store, 5)
    waiting = [store.call(f"+1202557000{index}") for index in range(3)]
    probes = []
    for _ in range(3):
        assert 20 < probe_seconds(store) <= 30
        store.pass_time(probe_seconds(store) - 1)
        assert store.ledger.admit(50) == []
        probes.append(probe_call(store))
        store.outcome(probes[-1], AMBIGUOUS)

    assert len(set(probes)) == 3
    assert set(waiting) & set(probes)


def test_a_campaigns_number_that_was_never_dialled_is_tried_before_those_that_were_refused(store: Store) -> None:
    campaign = store.campaign(*(f"+1202555{index:04}" for index in range(8)))
    for _ in range(5):
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "attempt")
        store.outcome(call, AMBIGUOUS)
        store.pass_time(1.2)
    probes = []
    for _ in range(3):
        probes.append(probe_call(store))
        store.outcome(probes[-1], AMBIGUOUS)

    assert probes == [f"{campaign}-{number}" for number in (6, 7, 8)]


def test_three_unknown_outcomes_of_different_numbers_in_a_row_hold_everything(store: Store) -> None:
    in_doubt_in_a_row(store, 2)
    assert held(store) == {}
    store.outcome(store.dialling("+12025550100"), DOUBT)

    assert (held(store)["kind"], held(store)["stage"]) == ("unknown", "read")
    assert store.redis.scard(keys.PREFIX + "live") == 3


#: Answer -> does it end a row of unknown outcomes, and one of ambiguous refusals?
ENDS = {
    "placed": (placed("CA9", "queued", 60), True, True),
    "later, by Twilio": (later(0, by_twilio=True), True, False),
    "later, by a gateway": (later(0), False, False),
    "number": (NUMBER, True, False),
    "caller id": (CALLER_ID, True, False),
    "account": (ACCOUNT, True, False),
    "account, by a proxy": (ACCOUNT._replace(words=("Not Twilio answered 407", "")), False, False),
    "ambiguous": (AMBIGUOUS, True, False),
    "none": (DOUBT, False, False),
}


def _answered(store: Store, answer: Result) -> None:
    """One more call gets this answer; what holds calls for another reason than a row is over before the next goes."""
    call = store.dialling("+12025550101", from_given="1")
    store.outcome(call, answer)
    store.redis.delete(keys.PREFIX + "hold")
    store.cancel(call)
    store.pass_time(1.2)


@pytest.mark.parametrize("answer", ENDS)
def test_any_answer_of_twilios_own_and_nothing_else_ends_a_row_of_unknown_outcomes(store: Store, answer: str) -> None:
    result, ends, _ = ENDS[answer]
    in_doubt_in_a_row(store, 2)
    _answered(store, result)
    store.outcome(store.dialling("+12025550100"), DOUBT)

    assert held(store).get("kind") == (None if ends else "unknown")


@pytest.mark.parametrize("answer", ENDS)
def test_nothing_but_an_acceptance_ends_a_row_of_ambiguous_refusals(store: Store, answer: str) -> None:
    result, _, ends = ENDS[answer]
    refused_in_a_row(store, 4)
    _answered(store, result)
    store.outcome(store.dialling("+12025550102"), AMBIGUOUS)

    assert held(store).get("kind") == (None if ends else "ambiguous")


@pytest.mark.parametrize("answer", [answer for answer in ENDS if not answer.startswith("account")])
def test_a_hold_after_unknown_outcomes_ends_with_any_answer_of_twilios_own_to_its_probe(
    store: Store, answer: str
) -> None:
    result, ends, _ = ENDS[answer]
    in_doubt_in_a_row(store, 3)
    store.call("+12025550100", from_given="1")
    read(store, passed=True)
    store.outcome(probe_call(store), result)

    assert held(store).get("kind") == (None if ends else "unknown")


def test_a_hold_after_unknown_outcomes_is_one_of_the_account_once_that_is_refused(store: Store) -> None:
    in_doubt_in_a_row(store, 3)
    store.call("+12025550100")
    read(store, passed=True)
    store.outcome(probe_call(store), ACCOUNT)

    assert (held(store)["kind"], held(store)["stage"]) == ("account", "read")


def test_a_probe_whose_outcome_is_unknown_stays_in_doubt_and_another_number_goes_half_a_minute_later(
    store: Store,
) -> None:
    in_doubt_in_a_row(store, 3)
    calls = [store.call("+12025550100"), store.call("+12025550101")]
    read(store, passed=True)
    first = probe_call(store)
    store.outcome(first, in_doubt("502"))
    assert 20 < probe_seconds(store) <= 30
    second = probe_call(store)

    assert [first, second] == calls
    assert store.state(first) == "confirming"
