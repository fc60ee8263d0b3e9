"""Guesses: what a look-up by the numbers found is taken for a call only if no other request can have made it."""

import pytest

from schemas import keys
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import in_doubt, placed, refused
from schemas.states import CallState
from tests.scripts.conftest import Store

NUMBER, FROM, SPAN_SECONDS = "+12025550100", "+15005550006", 70
DOUBT = in_doubt("Twilio answered 500")


def guess(store: Store, call: str, sid: str = "CA1", status: str = "ringing") -> str:
    """A look-up found this SID; returns what came of it."""
    fields = {"call_status": status}
    report = Report(Source.GUESS, sid, fields, to=NUMBER, from_number=FROM, check_seconds=60, span_seconds=SPAN_SECONDS)
    return store.ledger.record_news(call, report).verdict


def doubtful(store: Store, number: str = NUMBER) -> str:
    call = store.dialling(number)
    store.outcome(call, DOUBT)
    return call


def test_a_call_in_doubt_is_found(store: Store) -> None:
    call = doubtful(store)

    assert guess(store, call) == "done"
    assert (store.state(call), store.task(call)["sid"]) == ("placed", "CA1")


def test_the_answer_to_its_own_request_outranks_a_guess(store: Store) -> None:
    call = doubtful(store)
    assert guess(store, call) == "done"
    assert store.outcome(call, placed("CA2", "queued", 60)).verdict == "done"

    assert (store.state(call), store.task(call)["sid"]) == ("placed", "CA2")
    assert store.redis.get(keys.sid("CA2")) == call


@pytest.mark.parametrize("state", [state for state in CallState if state not in {"confirming", "unknown"}])
def test_only_a_call_in_doubt_is_guessed(store: Store, state: CallState) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "state", state)

    assert guess(store, call) == "moved"
    assert "sid" not in store.task(call)


def test_a_call_that_was_never_made_does_not_get_the_sid_of_a_slow_one_to_the_same_number(store: Store) -> None:
    """A's request failed, B's is slow and made CA1: then B's answer, and its posts, are about B."""
    never_made = doubtful(store)
    store.pass_time(1)
    slow = store.dialling(NUMBER)
    assert guess(store, never_made) == "ambiguous"
    assert store.outcome(slow, placed("CA1", "queued", 60)).verdict == "done"
    assert guess(store, never_made) == "taken"

    assert store.task(slow)["sid"] == "CA1"
    assert store.state(never_made) == "confirming"


def test_of_two_calls_in_doubt_neither_is_guessed_until_one_is_certain(store: Store) -> None:
    first = doubtful(store)
    store.pass_time(2)
    second = doubtful(store)
    assert (guess(store, first), guess(store, second)) == ("ambiguous", "ambiguous")
    store.callback(second, "ringing", sid="CA1")

    assert guess(store, first, "CA2") == "done"


def test_a_call_that_ended_unknown_still_keeps_others_from_guessing(store: Store) -> None:
    first = doubtful(store)
    store.pass_time(2)
    second = doubtful(store)
    store.give_up(first)

    assert guess(store, second) == "ambiguous"
    store.callback(first, "completed", sid="CA1")
    assert guess(store, second, "CA2") == "done"


def test_a_call_that_ended_unknown_and_was_deleted_still_keeps_others_from_guessing(store: Store) -> None:
    first = doubtful(store)
    store.give_up(first)
    store.redis.delete(keys.task(first))
    store.pass_time(2)

    assert guess(store, doubtful(store)) == "ambiguous"


def test_what_is_kept_of_calls_that_ended_unknown_is_kept_a_day(store: Store) -> None:
    store.give_up(doubtful(store))
    (doubt,) = store.redis.scan_iter(keys.PREFIX + "doubt:*")

    assert 86_300 < store.redis.ttl(doubt) <= 86_400


def test_a_call_whose_request_left_long_before_keeps_nobody_from_guessing(store: Store) -> None:
    store.give_up(doubtful(store))
    store.pass_time(SPAN_SECONDS + 1)

    assert guess(store, doubtful(store)) == "done"


@pytest.mark.parametrize("number", ["+12025550101", NUMBER])
def test_a_call_that_cannot_have_made_it_keeps_nobody_from_guessing(store: Store, number: str) -> None:
    other = store.dialling(number)
    if number == NUMBER:
        store.outcome(other, refused("number", "no", by_twilio=True))
    store.pass_time(1)

    assert guess(store, doubtful(store)) == "done"


def test_a_call_of_a_campaign_keeps_others_from_guessing_too(store: Store) -> None:
    campaign = store.campaign(NUMBER)
    (sibling,) = store.ledger.admit(50)
    store.ledger.begin(sibling, "attempt")
    store.pass_time(1)
    call = doubtful(store)

    assert store.state(campaign) == "active"
    assert guess(store, call) == "ambiguous"


def test_a_call_from_another_number_keeps_nobody_from_guessing(store: Store) -> None:
    other = store.dialling(NUMBER)
    store.redis.hset(keys.task(other), "from", "+15005550007")
    store.pass_time(1)

    assert guess(store, doubtful(store)) == "done"


def test_a_sid_that_any_record_holds_is_not_guessed(store: Store) -> None:
    call = doubtful(store)
    store.redis.set(keys.sid("CA1"), call)

    assert guess(store, call) == "taken"


def test_a_call_that_ended_unknown_can_be_found_later(store: Store) -> None:
    call = doubtful(store)
    store.give_up(call)

    assert guess(store, call, status="completed") == "done"
    assert (store.state(call), store.task(call)["call_status"]) == ("ended", "completed")
