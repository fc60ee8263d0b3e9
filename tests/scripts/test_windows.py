"""Calls leave only while their windows are open, and before they expire."""

from typing import Any

import pytest

from schemas.hours.closing import Closed, Planned
from schemas.scripts.begin import Go, Wait
from schemas.scripts.checks import put_back
from tests.scripts.conftest import Store
from tests.scripts.explaining import alive, why

NUMBER = "+12125550100"


def windowed(store: Store, opens: float, closes: float, **options: Any) -> str:
    """A call whose windows are open from and up to so many seconds from now."""
    now_ms = store.now_ms()
    spans = {"opens_ms": now_ms + round(opens * 1000), "closes_ms": now_ms + round(closes * 1000)}
    return store.call(NUMBER, **spans, windows="{}", **options)


def planned(store: Store, call: str, opens: float, closes: float) -> None:
    now_ms = store.now_ms()
    store.ledger.plan([Planned(call, (now_ms + round(opens * 1000), now_ms + round(closes * 1000)))])


def expiring(store: Store, seconds: float, **options: Any) -> str:
    return store.call(NUMBER, expires_ms=store.now_ms() + round(seconds * 1000), **options)


def test_a_call_goes_in_line_for_its_opening(store: Store) -> None:
    call = windowed(alive(store), opens=100, closes=200)
    assert store.ledger.admit(50) == []
    assert why(store, call).startswith("outside its calling windows, which open at ")
    store.pass_time(100)
    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, "attempt"), Go)


def test_no_call_is_admitted_from_its_closing_on_and_none_takes_a_slot_for_it(paced: Store) -> None:
    for _ in range(3):
        windowed(paced, opens=-100, closes=60)
    paced.pass_time(60)
    open_one = paced.call("+12125550101")
    assert paced.ledger.admit(50) == [open_one]


def test_the_last_gate_lets_no_call_out_from_its_closing_on(store: Store) -> None:
    call = windowed(store, opens=-100, closes=60)
    assert store.ledger.admit(50) == [call]
    store.redis.hset(f"tw:task:{call}", "closes_ms", store.now_ms())
    assert isinstance(store.ledger.begin(call, "attempt"), Wait)
    store.scripts.run(put_back(call, 30))
    assert store.state(call) == "waiting"
    assert store.ledger.admit(50) == []
    assert [one.id for one in store.ledger.closed().found] == [call]


def test_the_last_gate_lets_no_call_out_before_its_opening(store: Store) -> None:
    call = windowed(store, opens=-100, closes=60)
    assert store.ledger.admit(50) == [call]
    store.redis.hset(f"tw:task:{call}", "opens_ms", store.now_ms() + 30_000)
    permission = store.ledger.begin(call, "attempt")
    assert isinstance(permission, Wait)
    assert 20 < permission.seconds <= 30
    store.scripts.run(put_back(call, 30))
    assert store.ledger.admit(50) == []
    store.pass_time(30)
    assert store.ledger.admit(50) == [call]


def test_what_was_planned_under_another_policy_is_planned_anew(store: Store) -> None:
    call = windowed(store, opens=-100, closes=60, planned_by="before")
    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, "attempt"), Wait)
    store.scripts.run(put_back(call, 30))
    assert store.ledger.admit(50) == []
    assert store.ledger.closed().found == [Closed("call", call, NUMBER, "{}", "")]
    planned(store, call, -1, 60)
    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, "attempt"), Go)


def test_closed_calls_are_handed_to_one_sweep_at_a_time_and_go_in_line_for_their_next_opening(store: Store) -> None:
    call = windowed(alive(store), opens=-100, closes=60)
    assert store.ledger.closed().found == []
    store.pass_time(60)
    assert store.ledger.clock("beat").sweep
    assert store.ledger.closed().found == [Closed("call", call, NUMBER, "{}", "")]
    assert store.ledger.closed().found == []
    assert why(store, call) == "outside its calling windows; when they open next is being worked out"
    planned(store, call, 50, 90)
    assert store.ledger.closed().found == []
    assert store.ledger.admit(50) == []
    store.pass_time(50)
    assert store.ledger.admit(50) == [call]


def test_a_sweep_that_dies_leaves_its_calls_to_the_next(store: Store) -> None:
    call = windowed(store, opens=-100, closes=60)
    store.pass_time(60)
    store.ledger.closed()
    store.pass_time(11)
    assert [one.id for one in store.ledger.closed().found] == [call]


def test_a_beat_wakes_a_sweep_at_the_closing(store: Store) -> None:
    windowed(alive(store), opens=3600, closes=0.5)
    assert store.ledger.clock("beat").sleep_seconds <= 0.5


def test_what_has_not_begun_by_its_end_expires(store: Store) -> None:
    call = expiring(store, 60, delay_ms=3_600_000)
    store.pass_time(60)
    assert store.ledger.closed().found == []
    assert (store.state(call), store.task(call)["reason"]) == ("cancelled", "expired")
    store.pass_time(3600)
    assert store.ledger.admit(50) == []


def test_an_expired_call_is_not_admitted_nor_let_out_before_a_sweep_has_seen_it(store: Store) -> None:
    waiting, admitted = expiring(store, 60, delay_ms=30_000), expiring(store, 60)
    assert store.ledger.admit(50) == [admitted]
    store.redis.hset(f"tw:task:{admitted}", "expires_ms", store.now_ms())
    assert isinstance(store.ledger.begin(admitted, "attempt"), Wait)
    store.pass_time(60)
    assert store.ledger.admit(50) == []
    store.scripts.run(put_back(admitted, 30))
    store.ledger.closed()
    assert [store.state(call) for call in (waiting, admitted)] == ["cancelled", "cancelled"]


def test_a_call_that_left_before_its_end_does_not_expire(store: Store) -> None:
    call = expiring(store, 60)
    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, "attempt"), Go)
    store.pass_time(63)
    store.ledger.closed()
    assert store.state(call) == "dialling"


@pytest.mark.parametrize("most", [200])
def test_more_than_one_run_hands_out_are_handed_out_by_the_next(store: Store, most: int) -> None:
    calls = {windowed(store, opens=-100, closes=60) for _ in range(most + 5)}
    store.pass_time(60)
    first = store.ledger.closed()
    assert first.more
    assert len(first.found) == most
    second = store.ledger.closed()
    assert not second.more
    assert {one.id for one in (*first.found, *second.found)} == calls


def test_calls_whose_windows_have_closed_keep_no_other_waiting(store: Store) -> None:
    for _ in range(450):
        windowed(store, opens=-100, closes=60)
    store.pass_time(60)
    other = store.call("+12125550101")
    admitted = [call for _ in range(3) for call in store.ledger.admit(50)]
    assert admitted == [other]


def test_a_call_that_ended_is_closed_no_more(store: Store) -> None:
    call = windowed(store, opens=-100, closes=60)
    store.cancel(call)
    assert store.score("closing", call) is None
