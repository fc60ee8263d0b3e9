"""MAX_CALL_MINUTES_PER_DAY: what ended in a UTC day, and what is live, bounds what may begin."""

import dataclasses
import re

import pytest
from redis import Redis

from schemas import keys
from schemas.scripts.outcome import in_doubt, refused
from tests.scripts.conftest import Store
from tests.scripts.explaining import alive, why
from worker.ledger import Ledger

DAY_MS = 86_400_000


@pytest.fixture
def bounded(redis: "Redis") -> Store:
    """At most three minutes a day."""
    store = Store(redis, 1000, 60_000, 1000)
    store.limits = dataclasses.replace(store.limits, most_minutes_a_day=3)
    store.ledger = Ledger(redis, store.limits, timeout_seconds=30, retention_days=30)
    return alive(store)


def ended(store: Store, seconds: int, sid: str) -> None:
    call = store.placed(sid=sid)
    store.callback(call, "completed", fields={"duration_seconds": str(seconds)})


def minutes(store: Store) -> int:
    return sum(int(store.redis.get(name)) for name in store.redis.scan_iter(keys.PREFIX + "talked:*"))


def test_what_does_not_fit_into_the_day_waits_for_the_next_one_and_says_so(bounded: Store) -> None:
    ended(bounded, 61, "CA1")
    ended(bounded, 1, "CA2")
    campaign = bounded.campaign("+12025550101", max_live=1)
    call = bounded.call()
    assert bounded.ledger.admit(50) == []
    told = r"MAX_CALL_MINUTES_PER_DAY=3: calls lasted 3 minutes in this UTC day, the next begins at \S+T00:00:00Z"
    for task in (campaign, call):
        assert re.search(told, why(bounded, task)), why(bounded, task)
    wakes = bounded.ledger.clock("beat")
    assert not wakes.dispatch
    assert wakes.sleep_seconds > 0.5
    for name in bounded.redis.scan_iter(keys.PREFIX + "talked:*"):  # as the day's end does
        bounded.redis.delete(name)
    assert sorted(bounded.ledger.admit(50)) == sorted([call, f"{campaign}-1"])


def test_each_call_that_ended_counts_in_minutes_begun_until_the_day_is_over(bounded: Store) -> None:
    for sid, seconds in (("CA1", 0), ("CA2", 1), ("CA3", 60)):
        ended(bounded, seconds, sid)
    (name,) = bounded.redis.scan_iter(keys.PREFIX + "talked:*")
    assert minutes(bounded) == 2
    assert DAY_MS < bounded.redis.pttl(name) <= 2 * DAY_MS  # a clock that is set back may lead into the day again
    call = bounded.call()
    assert bounded.ledger.admit(1) == [call]


def test_a_live_call_counts_by_how_long_it_lasts_and_once_over_by_what_twilio_told(bounded: Store) -> None:
    live = bounded.placed()
    bounded.pass_time(179)
    alive(bounded)
    one = bounded.dialling("+12025550101")
    bounded.pass_time(2)
    bounded.call("+12025550102")
    assert bounded.ledger.admit(50) == []
    bounded.callback(live, "completed", fields={"duration_seconds": "60"})
    assert minutes(bounded) == 1
    assert len(bounded.ledger.admit(50)) == 1
    bounded.outcome(one, refused("number", "No.", by_twilio=True))
    assert minutes(bounded) == 1


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_what_nobody_answered_counts_nothing(bounded: Store, status: str) -> None:
    call = bounded.placed()
    bounded.pass_time(30)
    bounded.callback(call, status)
    assert minutes(bounded) == 0
    assert not bounded.redis.exists(keys.PREFIX + "talk")


def test_an_end_without_a_duration_counts_for_as_long_as_it_was_live(bounded: Store) -> None:
    call = bounded.placed()
    bounded.pass_time(70)
    bounded.callback(call, "completed")
    assert minutes(bounded) == 2


def test_a_call_in_doubt_counts_while_it_may_be_live(bounded: Store) -> None:
    call = bounded.dialling()
    bounded.outcome(call, in_doubt("502"))
    bounded.pass_time(200)
    bounded.call("+12025550102")
    assert alive(bounded).ledger.admit(50) == []
    bounded.give_up(call)
    assert len(bounded.ledger.admit(50)) == 1
