"""settle.lua: outcomes and news."""

import pytest

from schemas import keys
from schemas.states import TRANSITIONS, CallState
from tests.scripts.conftest import Store


@pytest.mark.parametrize("origin", list(CallState))
@pytest.mark.parametrize("target", list(CallState))
def test_only_changes_of_the_table_happen(store: Store, origin: CallState, target: CallState) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "state", origin)
    settlement = store.ledger.settle(call, target)

    allowed = target in TRANSITIONS[origin]
    late = origin is CallState.ENDED and target in {CallState.PLACED, CallState.ENDED}
    assert settlement.verdict == ("late" if late else "done" if allowed else "moved")
    assert store.state(call) == (target if allowed else origin)


def test_settling_twice_changes_nothing_the_second_time(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    call = store.ledger.admit(50)[0]
    store.ledger.begin(call, "attempt")
    store.ledger.settle(call, CallState.PLACED, {"call_status": "queued"}, sid="CA1")
    for _ in range(2):
        store.ledger.settle(call, CallState.ENDED, {"call_status": "completed"})

    task = store.task(campaign)
    assert (task["live"], task["completed"]) == ("0", "1")


def test_the_end_of_a_call_frees_its_slot_and_starts_the_retention(store: Store) -> None:
    call = store.placed()
    store.ledger.settle(call, CallState.ENDED, {"call_status": "busy"})

    assert not store.redis.sismember(keys.PREFIX + "live", call)
    assert store.score("checks", call) is None
    assert 29 * 86_400 < store.redis.ttl(keys.task(call)) <= 30 * 86_400
    assert 29 * 86_400 < store.redis.ttl(keys.PREFIX + "sid:CA1") <= 30 * 86_400


def test_a_live_call_is_kept_without_limit(store: Store) -> None:
    call = store.placed()

    assert store.redis.ttl(keys.task(call)) == -1


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
    store.ledger.settle(call, CallState.PLACED, {"call_status": known})
    store.ledger.settle(call, CallState.PLACED, {"call_status": told})

    assert store.task(call)["call_status"] == kept


def test_a_call_sid_belongs_to_one_call(store: Store) -> None:
    store.placed("+12025550100", sid="CA1")
    store.pass_time(1)
    other = store.dialling("+12025550101")

    assert store.ledger.settle(other, CallState.PLACED, sid="CA1").verdict == "taken"
    assert store.state(other) == "dialling"


def test_a_call_that_twilio_did_not_process_waits_at_the_head_of_the_line(store: Store) -> None:
    first = store.dialling()
    second = store.call("+12025550101")
    store.ledger.settle(first, CallState.WAITING)
    store.pass_time(1)

    assert store.ledger.admit(50) == [first, second]


def test_a_campaigns_call_that_was_not_processed_is_its_next_one(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    call = store.ledger.admit(50)[0]
    store.ledger.begin(call, "attempt")
    store.ledger.settle(call, CallState.WAITING)
    assert store.task(campaign)["live"] == "0"
    store.pass_time(2)

    assert store.ledger.admit(50) == [call]


def test_a_call_that_was_cancelled_while_it_was_not_processed_stays_cancelled(store: Store) -> None:
    call = store.dialling()
    store.cancel(call)
    store.ledger.settle(call, CallState.WAITING)

    assert store.state(call) == "cancelled"
    store.pass_time(2)
    assert store.ledger.admit(50) == []


def test_an_unknown_outcome_that_becomes_known_moves_between_the_counts(store: Store) -> None:
    campaign = store.campaign("+12025550100")
    call = store.ledger.admit(50)[0]
    store.ledger.begin(call, "attempt")
    store.ledger.settle(call, CallState.CONFIRMING)
    store.ledger.settle(call, CallState.UNKNOWN, {"call_status": "unknown"})
    assert store.task(campaign)["unknown"] == "1"
    store.ledger.settle(call, CallState.ENDED, {"call_status": "completed"}, sid="CA1")

    task = store.task(campaign)
    assert (task["unknown"], task["completed"], task["live"]) == ("0", "1", "0")


def test_a_campaign_finishes_with_its_last_number(store: Store) -> None:
    campaign = store.campaign("+12025550100")
    call = store.ledger.admit(50)[0]
    store.ledger.begin(call, "attempt")
    assert store.state(campaign) == "active"
    store.ledger.settle(call, CallState.REJECTED)

    assert store.state(campaign) == "finished"
    assert store.redis.ttl(keys.task(campaign)) > 0


def test_an_older_attempt_has_nothing_to_say_about_a_newer_one(store: Store) -> None:
    """A worker's 'not processed' whose answer got lost, told again while another worker dials."""
    call = store.dialling()
    store.ledger.settle(call, CallState.WAITING, attempt=1)
    store.pass_time(1)
    store.ledger.admit(50)
    store.ledger.begin(call, "newer")

    for state in (CallState.WAITING, CallState.CONFIRMING, CallState.REJECTED):
        assert store.ledger.settle(call, state, attempt=1).verdict == "moved"
    assert store.state(call) == "dialling"
    assert store.ledger.settle(call, CallState.WAITING, attempt=2).verdict == "done"


@pytest.mark.parametrize("doubts", [[], [CallState.CONFIRMING], [CallState.CONFIRMING, CallState.UNKNOWN]])
def test_a_call_that_is_found_when_it_is_over_counts_as_placed(store: Store, doubts: list[CallState]) -> None:
    campaign = store.campaign("+12025550100")
    call = store.ledger.admit(50)[0]
    store.ledger.begin(call, "attempt")
    for state in doubts:
        store.ledger.settle(call, state, {"call_status": "unknown"})
    store.ledger.settle(call, CallState.ENDED, {"call_status": "completed"}, sid="CA1")

    assert store.task(campaign)["placed"] == "1"
