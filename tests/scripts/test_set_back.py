"""A clock of Redis that is set back, as by a failover to a host behind: it holds nothing up, and lets nothing loose."""

import pytest

from schemas import keys
from schemas.scripts.begin import Go, Wait
from schemas.scripts.cancel import pause, resume
from schemas.scripts.outcome import later, placed
from tests.scripts.conftest import Store


def test_a_clock_that_was_set_back_holds_nothing_up(store: Store) -> None:
    campaign = store.campaign("+12025550101", "+12025550102")
    lost = store.ledger.admit(50)
    store.ledger.clock("beat")
    store.pass_time(-3600)  # everything lies an hour ahead now
    due = store.call()
    store.redis.set(keys.PREFIX + "asked:dispatch", "1", px=3_600_000)  # its end lies an hour ahead, too

    assert store.ledger.clock("beat").dispatch
    assert due in store.ledger.admit(50)
    assert (store.score("checks", lost[0]) or 0) < store.now_ms() + 11_000
    assert campaign


def test_a_clock_that_was_set_back_keeps_no_campaigns_call_from_leaving(store: Store) -> None:
    store.campaign("+12025550101")
    store.ledger.clock("beat")
    store.pass_time(-3600)  # when the campaign was due lies an hour ahead, too
    store.ledger.clock("beat")
    (call,) = store.ledger.admit(50)

    assert isinstance(store.ledger.begin(call, "claim"), Go)


@pytest.mark.parametrize("paused", [False, True])
def test_a_clock_that_was_set_back_keeps_no_campaign_from_going_on(store: Store, *, paused: bool) -> None:
    """It stands in no line just then; when it began, and when its next call may go, lie an hour ahead."""
    campaign = store.campaign("+12025550101", "+12025550102", max_live=1, delay_seconds=10)
    (first,) = store.ledger.admit(50)
    store.ledger.begin(first, "claim")
    store.outcome(first, placed("CA1", "queued", 60))
    if paused:
        store.scripts.run(pause(campaign))
    store.ledger.clock("beat")
    store.pass_time(-3600)
    store.ledger.clock("beat")
    store.callback(first, "completed")
    if paused:
        store.scripts.run(resume(campaign))
    store.pass_time(11)

    assert store.ledger.admit(50) == [f"{campaign}-2"]


def test_a_campaign_that_was_given_a_time_begins_then_though_the_clock_was_set_back(store: Store) -> None:
    campaign = store.campaign("+12025550101", due_ms=store.now_ms() + 600_000)
    store.ledger.clock("beat")
    store.pass_time(-3600)  # when it begins lies an hour further ahead, by the test's clock
    for _ in range(4):
        store.ledger.clock("beat")
    store.pass_time(601)
    assert store.ledger.admit(50) == []
    store.pass_time(3600)

    assert store.ledger.admit(50) == [f"{campaign}-1"]


def test_a_pause_that_lies_too_far_ahead_since_a_clock_was_set_back_is_over(store: Store) -> None:
    store.outcome(store.dialling(), later(5))
    store.pass_time(-3600)  # of which no beat knows
    call = store.call("+12025550101")

    assert store.ledger.clock("beat").dispatch
    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, "claim"), Go)


def test_a_call_leaves_though_the_clock_was_set_back_when_it_had_its_slot(store: Store) -> None:
    call = store.call()
    assert store.ledger.admit(50) == [call]
    store.pass_time(-3600)

    assert isinstance(store.ledger.begin(call, "claim"), Go)


def test_a_clock_that_was_set_back_lets_no_two_calls_leave_closer_than_the_pace(store: Store) -> None:
    one_a_second = Store(store.redis, 1, 60_000, 50)
    one_a_second.dialling()
    one_a_second.pass_time(-3600)  # it left just now, and lies an hour ahead
    call = one_a_second.call("+12025550101")
    assert one_a_second.ledger.admit(50) == [call]
    permission = one_a_second.ledger.begin(call, "claim")

    assert isinstance(permission, Wait)
    assert 0 < permission.seconds <= 1.3


def test_a_clock_that_was_set_back_leaves_none_of_many_behind(store: Store) -> None:
    now_ms = store.now_ms()
    ended = store.placed(sid="CA1")
    for index in range(2500):
        store.redis.hset(keys.task(f"call-{index}"), "state", "placed")
    store.redis.zadd(keys.PREFIX + "checks", {f"call-{index}": now_ms + 5000 + index for index in range(2500)})
    going_on = {"state": "active", "created_ms": now_ms, "due_ms": now_ms, "next": 0, "total": 1, "max_live": 1}
    for index in range(1500):
        store.redis.hset(keys.task(f"campaign-{index}"), mapping=going_on | {"live": 0, "delay_us": 1})
    for name in ("line:b:2:", "campaigns"):
        store.redis.zadd(keys.PREFIX + name, {f"campaign-{index}": now_ms + index for index in range(1500)})
    store.redis.zadd(keys.PREFIX + "lines", {"b:2:": now_ms})
    store.ledger.clock("beat")
    store.pass_time(-3600)
    store.ledger.clock("beat")
    store.callback(ended, "completed")  # meanwhile
    store.redis.zadd(keys.PREFIX + "checks", {"call-2400": store.now_ms() + 60_000})
    for _ in range(5):
        store.ledger.clock("beat")
    limit_ms = store.now_ms() + 120_000

    assert store.redis.zcount(keys.PREFIX + "checks", "-inf", limit_ms) == 2500
    assert store.redis.zcard(keys.PREFIX + "checks") == 2500
    assert (store.score("checks", "call-2400") or 0) > limit_ms - 70_000
    assert store.redis.zcount(keys.PREFIX + "line:b:2:", "-inf", limit_ms) == 1500
    assert list(store.redis.scan_iter(keys.PREFIX + "turned*")) == []
