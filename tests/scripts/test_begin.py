"""begin.lua: the last gate before a request leaves."""

import pytest

from schemas import keys
from schemas.lua.facts import MOST_LATE_US
from schemas.scripts.begin import Go, Gone, Wait
from schemas.scripts.cancel import pause, resume
from schemas.scripts.holds import drain
from schemas.scripts.holds import resume as undrain
from schemas.scripts.outcome import later, placed
from tests.scripts.conftest import Store
from worker.calls.placing import MOST_WAIT_SECONDS

MOST_LATE_SECONDS = MOST_LATE_US / 1e6


def test_of_two_deliveries_of_one_message_only_one_may_dial(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)

    assert isinstance(store.ledger.begin(call, "one"), Go)
    assert store.ledger.begin(call, "other") == Gone("dialling")


def test_an_attempt_whose_permission_got_lost_may_ask_again(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    first, again = store.ledger.begin(call, "attempt"), store.ledger.begin(call, "attempt")

    assert isinstance(first, Go)
    assert isinstance(again, Go)
    assert first.call == again.call
    assert store.task(call)["tries"] == "1"


def test_a_call_that_was_not_admitted_may_not_go(store: Store) -> None:
    assert store.ledger.begin(store.call(), "attempt") == Gone("waiting")
    assert store.ledger.begin("no such call", "attempt") == Gone("")


def test_a_cancelled_call_may_not_go(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    store.cancel(call)

    assert store.ledger.begin(call, "attempt") == Gone("cancelled")


def test_a_call_of_a_campaign_carries_what_the_campaign_shares(store: Store) -> None:
    campaign = store.campaign("+12025550100")
    store.ledger.admit(50)
    permission = store.ledger.begin(f"{campaign}-1", "attempt")

    assert isinstance(permission, Go)
    assert permission.call.to == "+12025550100"
    assert permission.call.from_number == "+15005550006"
    assert permission.call.metadata == {"a": 1}


def test_a_call_whose_slot_has_not_come_waits_for_it(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    before_ms = store.now_ms()
    store.redis.hset(keys.task(call), "slot_us", (before_ms + 5000) * 1000)
    permission = store.ledger.begin(call, "attempt")

    assert isinstance(permission, Wait)
    assert 4.95 - store.elapsed_seconds(before_ms) < permission.seconds < 5


def test_messages_that_come_late_and_together_still_leave_at_the_pace(paced: Store) -> None:
    before_ms, ids = paced.now_ms(), []
    for _ in range(3):
        paced.campaign("+12025550100")
        ids += paced.ledger.admit(50)
        paced.pass_time(1.03)
    assert len(ids) == 3

    assert isinstance(paced.ledger.begin(ids[0], "attempt"), Go)
    held = paced.ledger.begin(ids[1], "attempt")
    assert isinstance(held, Wait)
    assert 1 - paced.elapsed_seconds(before_ms) < held.seconds <= MOST_LATE_SECONDS + 1.02
    paced.pass_time(1.13)
    assert isinstance(paced.ledger.begin(ids[1], "attempt"), Go)


@pytest.mark.parametrize("late_seconds", [0.0, 0.04])
def test_the_next_call_leaves_a_window_after_the_latest_arrival_of_the_call_before(
    paced: Store, late_seconds: float
) -> None:
    ids = []
    for _ in range(2):
        paced.campaign("+12025550100")
        ids += paced.ledger.admit(50)
        paced.pass_time(1.03)
    paced.ledger.begin(ids[0], "attempt")
    before_ms = paced.now_ms()
    unanswered = paced.ledger.begin(ids[1], "attempt")
    paced.outcome(ids[0], placed("CA1", "queued", 60), late=late_seconds)
    answered = paced.ledger.begin(ids[1], "attempt")

    assert isinstance(unanswered, Wait)
    assert isinstance(answered, Wait)
    between_seconds = unanswered.seconds - answered.seconds - (MOST_LATE_SECONDS - late_seconds)
    assert -0.001 <= between_seconds <= paced.elapsed_seconds(before_ms)


def test_an_answer_recorded_twice_tells_of_the_same_arrival(paced: Store) -> None:
    call = paced.dialling()
    for _ in range(2):
        paced.outcome(call, placed("CA1", "queued", 60), late=0.02)

    assert paced.score("left:account", f"{call}:1") == int(paced.task(call)["arrives_us"]) + 20_000


def test_after_late_calls_no_new_ones_are_admitted_into_their_slots(paced: Store) -> None:
    ids = []
    for _ in range(2):
        paced.campaign("+12025550100")
        ids += paced.ledger.admit(50)
        paced.pass_time(1.03)
    paced.campaign("+12025550101")
    paced.redis.zadd("tw:slots:account", {ids[1]: paced.now_ms() * 1000})
    paced.ledger.begin(ids[0], "attempt")

    assert paced.ledger.admit(50) == []
    paced.pass_time(1.02)
    assert paced.ledger.admit(50) == []
    paced.pass_time(1.02)
    assert len(paced.ledger.admit(50)) == 1


def test_nobody_dials_while_the_account_is_paused(store: Store) -> None:
    first = store.dialling()
    second = store.call("+12025550101")
    store.ledger.admit(50)
    before_ms = store.now_ms()
    store.outcome(first, later(5))
    held = store.ledger.begin(second, "attempt")

    assert isinstance(held, Wait)
    assert 4.95 - store.elapsed_seconds(before_ms) < held.seconds <= 5


def test_a_call_that_may_be_dialling_is_looked_at_after_the_longest_request(store: Store) -> None:
    before_ms = store.now_ms()
    call = store.dialling()

    assert store.lies_after(store.score("stuck", call), 35, before_ms)


def _switch(store: Store, verb: str, campaign: str) -> None:
    match verb:
        case "drain":
            store.scripts.run(drain())
        case "undrain":
            store.scripts.run(undrain())
        case "hold":
            store.hold("Account is not active")
        case "unhold":
            store.redis.delete(keys.PREFIX + "hold")
        case "pause":
            store.scripts.run(pause(campaign))
        case "unpause":
            store.scripts.run(resume(campaign))


@pytest.mark.parametrize("verb", ["drain", "pause", "hold"])
def test_what_was_admitted_before_a_drain_a_pause_or_a_hold_does_not_leave_after_it(store: Store, verb: str) -> None:
    campaign = store.campaign("+12025550100")
    (call,) = store.ledger.admit(50)
    _switch(store, verb, campaign)
    permission = store.ledger.begin(call, "attempt")
    assert isinstance(permission, Wait)
    assert permission.seconds > MOST_WAIT_SECONDS
    store.ledger.put_back(call)
    assert store.state(call) == "waiting"
    assert store.ledger.admit(50) == []
    _switch(store, f"un{verb}", campaign)
    store.pass_time(2)

    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, "attempt"), Go)


def test_a_request_that_was_let_go_before_a_drain_is_told_so_again(store: Store) -> None:
    call = store.dialling()
    store.scripts.run(drain())

    assert isinstance(store.ledger.begin(call, "attempt"), Go)
