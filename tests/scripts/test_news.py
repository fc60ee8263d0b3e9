"""news.lua and give_up.lua: what Twilio tells of a call, or does not."""

import pytest

from schemas import keys
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import in_doubt, placed, refused
from schemas.states import TRANSITIONS, CallState
from tests.scripts.conftest import Store

NUMBER, FROM = "+12025550100", "+15005550006"
DOUBT = in_doubt("no answer")
REFUSED = refused("number", "Twilio refused the call", by_twilio=True)


def one_of(store: Store, campaign: str) -> str:
    """The campaign's next call, which is dialled."""
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    assert call.startswith(campaign)
    return call


@pytest.mark.parametrize("origin", list(CallState))
@pytest.mark.parametrize("status", ["ringing", "completed"])
def test_a_post_changes_a_call_only_as_the_table_allows(store: Store, origin: CallState, status: str) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "state", origin)
    verdict = store.callback(call, status, sid="CA1").verdict

    target = CallState.ENDED if status == "completed" else CallState.PLACED
    allowed = target in TRANSITIONS[origin]
    assert verdict == ("late" if origin is CallState.ENDED else "done" if allowed else "moved")
    assert store.state(call) == (target if allowed else origin)


@pytest.mark.parametrize("origin", list(CallState))
def test_only_a_call_in_doubt_is_given_up(store: Store, origin: CallState) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "state", origin)

    assert store.give_up(call) is (origin is CallState.CONFIRMING)
    assert store.state(call) == ("unknown" if origin is CallState.CONFIRMING else origin)


def test_a_later_attempt_is_not_given_up_for_an_earlier_ones_doubt(store: Store) -> None:
    call = store.dialling()
    store.outcome(call, DOUBT)
    store.redis.hset(keys.task(call), "tries", "2")

    assert not store.scripts.run(store.give_up_script(call, tries=1))
    assert store.state(call) == "confirming"


def test_the_end_of_a_call_frees_its_slot_and_starts_the_retention(store: Store) -> None:
    call = store.placed()
    store.callback(call, "busy")

    assert not store.redis.sismember(keys.PREFIX + "live", call)
    assert store.score("checks", call) is None
    assert 29 * 86_400 < store.redis.ttl(keys.task(call)) <= 30 * 86_400
    assert 29 * 86_400 < store.redis.ttl(keys.PREFIX + "sid:CA1") <= 30 * 86_400


def test_a_live_call_is_kept_without_limit(store: Store) -> None:
    assert store.redis.ttl(keys.task(store.placed())) == -1


@pytest.mark.parametrize(
    ("known", "told", "kept"),
    [
        ("in-progress", "ringing", "in-progress"),
        ("ringing", "in-progress", "in-progress"),
        ("queued", "initiated", "initiated"),
        ("ringing", "ringing", "ringing"),
    ],
)
def test_the_status_of_a_call_never_goes_back(store: Store, known: str, told: str, kept: str) -> None:
    call = store.placed()
    store.callback(call, known)
    store.callback(call, told)

    assert store.task(call)["call_status"] == kept


def test_an_end_that_is_told_with_an_older_number_lets_the_campaign_finish(store: Store) -> None:
    campaign = store.campaign(NUMBER)
    call = one_of(store, campaign)
    store.outcome(call, placed("CA1", "queued", 60))
    store.callback(call, "in-progress", sequence="7")
    store.callback(call, "completed", sequence="3")

    assert (store.state(call), store.task(call)["call_status"]) == ("ended", "completed")
    assert store.state(campaign) == "finished"
    assert (store.task(campaign)["completed"], store.task(campaign)["live"]) == ("1", "0")


def test_an_unknown_outcome_that_becomes_known_moves_between_the_counts(store: Store) -> None:
    campaign = store.campaign(NUMBER)
    call = one_of(store, campaign)
    store.outcome(call, DOUBT)
    store.give_up(call)
    assert (store.task(campaign)["unknown"], store.task(campaign)["live"]) == ("1", "0")
    store.callback(call, "completed", sid="CA1")

    task = store.task(campaign)
    assert (task["unknown"], task["completed"], task["live"]) == ("0", "1", "0")


@pytest.mark.parametrize("ended", ["unknown", "rejected"])
def test_a_call_we_gave_up_that_twilio_tells_of_is_live_again(store: Store, ended: str) -> None:
    campaign = store.campaign(NUMBER)
    call = one_of(store, campaign)
    if ended == "unknown":
        store.outcome(call, DOUBT)
        store.give_up(call)
    else:
        store.outcome(call, REFUSED)
    assert store.state(call) == ended
    store.callback(call, "ringing", sid="CA1")

    assert store.state(call) == "placed"
    assert "error" not in store.task(call)
    assert store.redis.sismember(keys.PREFIX + "live", call)
    assert store.redis.ttl(keys.task(call)) == store.redis.ttl(keys.task(campaign)) == -1
    assert (store.task(campaign)["live"], store.task(campaign)["placed"]) == ("1", "1")
    store.callback(call, "completed")
    assert store.task(campaign)["completed"] == "1"
    assert store.redis.ttl(keys.task(campaign)) > 0


def test_a_call_that_turns_out_to_live_after_its_campaigns_cancel_is_hung_up(store: Store) -> None:
    campaign = store.campaign(NUMBER, "+12025550101")
    call = one_of(store, campaign)
    store.outcome(call, DOUBT)
    store.give_up(call)
    store.cancel(campaign)
    settlement = store.callback(call, "ringing", sid="CA1")

    assert settlement.hang_up
    assert store.task(call)["hang_up"] == "1"
    assert (store.score("checks", call) or 0) <= store.now_ms()


def test_a_call_that_turns_out_to_live_after_its_own_cancel_is_hung_up_at_once(store: Store) -> None:
    call = store.dialling()
    store.cancel(call)
    store.outcome(call, DOUBT)
    store.give_up(call)

    assert store.callback(call, "ringing", sid="CA1").hang_up
    assert (store.score("checks", call) or 0) <= store.now_ms()


@pytest.mark.parametrize("doubts", [0, 1, 2])
def test_a_call_that_is_found_when_it_is_over_counts_as_placed(store: Store, doubts: int) -> None:
    campaign = store.campaign(NUMBER)
    call = one_of(store, campaign)
    if doubts:
        store.outcome(call, DOUBT)
    if doubts == 2:
        store.give_up(call)
    store.callback(call, "completed", sid="CA1")

    assert store.task(campaign)["placed"] == "1"


def test_an_answer_that_comes_after_the_news_changes_nothing_that_they_said(store: Store) -> None:
    call = store.dialling()
    store.callback(call, "in-progress", sid="CA1")
    store.outcome(call, placed("CA1", "queued", 60))
    assert store.task(call)["call_status"] == "in-progress"
    store.callback(call, "completed")

    assert store.outcome(call, placed("CA1", "queued", 60)).verdict == "late"
    assert (store.state(call), store.task(call)["call_status"]) == ("ended", "completed")


def test_a_call_that_ended_without_a_word_gets_the_word_that_comes_later(store: Store) -> None:
    campaign = store.campaign(NUMBER)
    call = one_of(store, campaign)
    store.outcome(call, placed("CA1", "queued", 60))
    store.ledger.record_news(call, Report(Source.FETCH, "CA1", {"call_status": "unknown"}))
    assert (store.state(call), store.task(campaign)["unknown"]) == ("ended", "1")
    for _ in range(2):
        assert store.callback(call, "completed").verdict == "late"

    assert store.task(call)["call_status"] == "completed"
    assert (store.task(campaign)["unknown"], store.task(campaign)["completed"]) == ("0", "1")


def test_who_answered_ends_no_call_and_keeps_its_status(store: Store) -> None:
    call = store.placed()
    store.callback(call, "in-progress")
    store.callback(call, fields={"answered_by": "human"})

    assert (store.state(call), store.task(call)["call_status"]) == ("placed", "in-progress")
    assert store.task(call)["answered_by"] == "human"
