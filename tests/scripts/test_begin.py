"""begin.lua: the last gate before a request leaves."""

import pytest
from redis import Redis

from schemas import keys
from schemas.states import CallState
from tests.scripts.conftest import Store
from worker.ledger import LEAD_US
from worker.verdicts import Go, Gone, Wait

#: So much later than planned a request may arrive: see scripts/shared/paces.lua.
MOST_LATE_SECONDS = 0.1


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
    store.redis.hset(keys.task(call), "slot_us", (store.now_ms() + 5000) * 1000)
    permission = store.ledger.begin(call, "attempt")

    assert isinstance(permission, Wait)
    assert 4.5 < permission.seconds < 5


def test_messages_that_come_late_and_together_still_leave_at_the_pace(paced: Store) -> None:
    ids = []
    for _ in range(3):
        paced.campaign("+12025550100")
        ids += paced.ledger.admit(50)
        paced.pass_time(1.03)
    assert len(ids) == 3

    assert isinstance(paced.ledger.begin(ids[0], "attempt"), Go)
    held = paced.ledger.begin(ids[1], "attempt")
    assert isinstance(held, Wait)
    assert 0.95 < held.seconds <= MOST_LATE_SECONDS + 1.02
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
    unanswered = paced.ledger.begin(ids[1], "attempt")
    paced.ledger.settle(ids[0], CallState.PLACED, sid="CA1", check_seconds=60, late_seconds=late_seconds)
    answered = paced.ledger.begin(ids[1], "attempt")

    assert isinstance(unanswered, Wait)
    assert isinstance(answered, Wait)
    assert unanswered.seconds - answered.seconds == pytest.approx(MOST_LATE_SECONDS - late_seconds, abs=0.03)


def test_an_answer_recorded_twice_tells_of_the_same_arrival(paced: Store) -> None:
    call = paced.dialling()
    for _ in range(2):
        paced.ledger.settle(call, CallState.PLACED, sid="CA1", check_seconds=60, late_seconds=0.02)

    assert paced.score("left:account", f"{call}:1") == int(paced.task(call)["leaves_us"]) + 20_000


@pytest.mark.parametrize(("slot_us", "opens_us"), [(30_000, 45_000), (50_600, 50_600)])
def test_a_call_behind_a_late_one_makes_up_for_a_tenth_and_the_others_keep_their_slots(
    redis: "Redis", slot_us: int, opens_us: int
) -> None:
    store = Store(redis, 20, 1200, 1000)
    call = store.call()
    store.ledger.admit(50)
    last_us = (store.now_ms() + 5000) * 1000
    redis.hset("tw:pace:account", "last_us", last_us)
    redis.hset(keys.task(call), "slot_us", last_us + slot_us)
    before_us = store.now_ms() * 1000
    permission = store.ledger.begin(call, "attempt")
    after_us = store.now_ms() * 1000 + 1000

    assert isinstance(permission, Wait)
    asks_again_us = last_us + opens_us - LEAD_US / 2
    assert before_us <= asks_again_us - permission.seconds * 1e6 <= after_us


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
    store.ledger.settle(first, CallState.WAITING, pause_seconds=5)
    held = store.ledger.begin(second, "attempt")

    assert isinstance(held, Wait)
    assert 4.5 < held.seconds <= 5


def test_a_call_that_may_be_dialling_is_looked_at_after_the_longest_request(store: Store) -> None:
    call = store.dialling()

    assert 34_000 < (store.score("checks", call) or 0) - store.now_ms() <= 35_000
