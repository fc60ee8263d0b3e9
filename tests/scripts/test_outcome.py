"""outcome.lua: what came of a request, for its call and its campaign."""

import pytest

from schemas import keys
from schemas.scripts.outcome import Result, in_doubt, later, placed, refused
from schemas.states import CallState
from tests.scripts.conftest import Store

NUMBER = refused("number", "Twilio refused the call", by_twilio=True)
CALLER_ID = refused("caller_id", "From is not valid", by_twilio=True)
ACCOUNT = refused("account", "Account is not active", by_twilio=True)
AMBIGUOUS = refused("ambiguous", "Blocked by Twilio", by_twilio=True)
LATER, DOUBT, TAKEN = later(0), in_doubt("no answer"), placed("CA1", "queued", 60)
NOT_TAKEN = {"number": NUMBER, "account": ACCOUNT, "ambiguous": AMBIGUOUS, "later": LATER, "doubt": DOUBT}


def second(store: Store, call: str) -> None:
    """The call is dialled again."""
    store.pass_time(61)
    store.redis.delete(keys.PREFIX + "hold")
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "again")
    assert store.state(call) == "dialling"


def one_of(store: Store, campaign: str) -> str:
    """The campaign's next call, which is dialled."""
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    assert call.startswith(campaign)
    return call


def waits_seconds(store: Store, call: str) -> float:
    """From when on a single call may go."""
    due_ms = store.redis.zscore(f"{keys.PREFIX}line:c:2:", call)
    return float(due_ms - store.now_ms()) / 1000


@pytest.mark.parametrize("origin", list(CallState))
def test_only_a_call_that_may_be_at_twilio_becomes_placed(store: Store, origin: CallState) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "state", origin)
    verdict = store.outcome(call, TAKEN).verdict

    may = {"dialling", "confirming", "placed", "unknown", "rejected"}
    assert verdict == ("late" if origin is CallState.ENDED else "done" if origin in may else "moved")
    assert store.state(call) == ("placed" if origin in may else origin)


@pytest.mark.parametrize(
    ("origin", "kind"),
    [(origin, kind) for origin in sorted(set(CallState) - {"dialling", "confirming"}) for kind in NOT_TAKEN]
    + [(CallState.CONFIRMING, "doubt")],
)
def test_a_request_that_was_not_taken_says_something_only_while_its_answer_is_awaited(
    store: Store, origin: CallState, kind: str
) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "state", origin)
    before = store.task(call)

    assert store.outcome(call, NOT_TAKEN[kind]).verdict == "moved"
    assert store.task(call) == before
    assert not store.redis.exists(keys.PREFIX + "hold")


@pytest.mark.parametrize(
    ("result", "state"),
    [(NUMBER, "rejected"), (CALLER_ID, "waiting"), (ACCOUNT, "waiting"), (AMBIGUOUS, "waiting"), (LATER, "waiting")],
    ids=["number", "caller_id", "account", "ambiguous", "later"],
)
def test_an_answer_that_comes_after_its_worker_counted_as_lost_decides(
    store: Store, result: Result, state: str
) -> None:
    """The worker was held up, as on a machine that slept, or Redis's clock went forward."""
    call = store.dialling()
    store.pass_time(36)
    store.ledger.clock("beat")
    assert store.state(call) == "confirming"
    store.outcome(call, result)

    assert store.state(call) == state
    assert not store.redis.sismember(keys.PREFIX + "live", call)
    assert store.score("checks", call) is None


def test_an_answer_that_comes_after_a_cancel_of_a_call_in_doubt_cancels_it(store: Store) -> None:
    call = store.dialling()
    store.pass_time(36)
    store.ledger.clock("beat")
    store.cancel(call)
    store.outcome(call, LATER)

    assert store.state(call) == "cancelled"


def test_how_long_twilio_wants_no_requests_doubles_with_each_time_that_it_says_so(store: Store) -> None:
    def pause_seconds() -> float:
        return (int(store.redis.hget(keys.PREFIX + "pace:account", "paused_us")) / 1000 - store.now_ms()) / 1000

    call = store.dialling()
    for _ in range(4):  # another fault each time: it could not leave
        store.outcome(call, later(0))
        second(store, call)
    pauses = []
    for _ in range(6):
        store.outcome(call, later())
        pauses.append(round(pause_seconds()))
        second(store, call)

    assert pauses == [1, 2, 4, 8, 16, 30]


def test_an_older_request_has_nothing_to_say_about_a_newer_one(store: Store) -> None:
    """A worker's 'not processed' whose answer got lost, told again while another worker dials."""
    call = store.dialling()
    store.outcome(call, LATER)
    second(store, call)

    for result in NOT_TAKEN.values():
        assert store.outcome(call, result, tries=1).verdict == "moved"
    assert store.state(call) == "dialling"
    assert store.outcome(call, LATER, tries=2).verdict == "done"


def test_a_late_answer_of_a_request_that_counts_as_lost_is_certain(store: Store) -> None:
    call = store.dialling()
    store.outcome(call, DOUBT)
    store.give_up(call)
    assert store.outcome(call, TAKEN).state == "placed"

    assert (store.state(call), store.task(call)["sid"]) == ("placed", "CA1")
    assert "error" not in store.task(call)
    assert store.redis.ttl(keys.task(call)) == -1
    assert store.redis.sismember(keys.PREFIX + "live", call)


def test_a_call_sid_belongs_to_one_call(store: Store) -> None:
    store.placed("+12025550100", sid="CA1")
    store.pass_time(1)
    other = store.dialling("+12025550101")

    assert store.outcome(other, TAKEN).verdict == "taken"
    assert store.state(other) == "dialling"


def test_a_call_that_twilio_did_not_process_waits_at_the_head_of_the_line(store: Store) -> None:
    first = store.dialling()
    second_call = store.call("+12025550101")
    store.outcome(first, LATER)
    store.pass_time(1)

    assert store.ledger.admit(50) == [first, second_call]


def test_a_campaigns_call_that_was_not_processed_is_its_next_one(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    call = one_of(store, campaign)
    store.outcome(call, LATER)
    assert store.task(campaign)["live"] == "0"
    store.pass_time(2)

    assert store.ledger.admit(50) == [call]


@pytest.mark.parametrize("result", [LATER, ACCOUNT, AMBIGUOUS, NUMBER], ids=["later", "account", "ambiguous", "number"])
def test_a_call_that_was_cancelled_while_it_was_dialled_and_was_not_taken_is_cancelled(
    store: Store, result: Result
) -> None:
    call = store.dialling()
    store.cancel(call)
    store.outcome(call, result)
    store.redis.delete(keys.PREFIX + "hold")

    assert store.state(call) == "cancelled"
    store.pass_time(120)
    assert store.ledger.admit(50) == []


def test_a_campaigns_call_that_was_not_taken_after_its_cancel_is_cancelled_and_counted_once(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    call = one_of(store, campaign)
    store.cancel(campaign)
    for _ in range(2):
        store.outcome(call, LATER)

    assert store.state(call) == "cancelled"
    assert (store.task(campaign)["live"], store.task(campaign)["canceled"]) == ("0", "2")


def test_a_short_pause_does_not_shorten_a_longer_one(store: Store) -> None:
    first, other = store.dialling(), store.dialling("+12025550101")
    before_ms = store.now_ms()
    store.outcome(first, later(60))
    store.outcome(other, later(0.5))

    paused_us = int(store.redis.hget(keys.PREFIX + "pace:account", "paused_us"))
    assert store.lies_after(paused_us / 1000, 60, before_ms)


def test_a_call_in_doubt_is_looked_up_at_once(store: Store) -> None:
    call = store.dialling()
    store.outcome(call, DOUBT)

    assert (store.state(call), store.task(call)["doubt"]) == ("confirming", "no answer")
    assert (store.score("checks", call) or 0) <= store.now_ms()
    assert store.score("stuck", call) is None


def test_the_outcome_of_a_vanished_record_leaves_nothing_of_it(store: Store) -> None:
    call = store.dialling()
    store.redis.delete(keys.task(call))

    assert store.ledger.record_outcome(store.request(call, 1), TAKEN).verdict == "gone"
    assert not store.redis.sismember(keys.PREFIX + "live", call)
    assert store.score("checks", call) is store.score("stuck", call) is store.score("slots:account", call) is None
