"""clock.lua, checks.lua, postpone.lua, pulse.lua, health.lua: who wakes whom, and when."""

import time

import pytest

from schemas import keys
from schemas.scripts import source
from schemas.states import CallState
from tests.scripts.conftest import Store
from worker.verdicts import Wakes


def _health(store: Store) -> list[int | str]:
    """Without the last figure, whether the operator drains."""
    return list(store.redis.register_script(source("health"))(keys=[keys.PREFIX], args=[10_000, 5_000]))[:4]


def test_with_nothing_to_do_beat_sleeps(store: Store) -> None:
    wakes = store.ledger.clock("beat")

    assert (wakes.dispatch, wakes.sweep) == (False, False)
    assert wakes.sleep_seconds > 3600


def test_a_call_due_later_wakes_beat_just_in_time(store: Store) -> None:
    store.call(delay_ms=3000)
    wakes = store.ledger.clock("beat")

    assert not wakes.dispatch
    assert 2.8 < wakes.sleep_seconds <= 2.98


def test_of_two_beats_one_sends_the_wake_up(store: Store) -> None:
    store.call(delay_ms=1)
    store.pass_time(1)
    first, second = store.ledger.clock("one"), store.ledger.clock("other")

    assert (first.dispatch, second.dispatch) == (True, False)
    assert 0 < second.sleep_seconds <= 5


def test_a_wake_up_that_nobody_answers_is_sent_again(store: Store) -> None:
    store.call(delay_ms=1)
    store.pass_time(1)
    assert store.ledger.clock("beat").dispatch
    store.pass_time(5)

    assert store.ledger.clock("beat").dispatch


def test_a_call_held_by_the_pace_wakes_beat_when_the_pace_lets_it_go(paced: Store) -> None:
    paced.call()
    paced.call()
    paced.ledger.admit(50)
    wakes = paced.ledger.clock("beat")

    assert not wakes.dispatch
    assert 1.9 < wakes.sleep_seconds <= 2.01


def test_at_the_cap_on_live_calls_beat_does_not_poll(store: Store) -> None:
    capped = Store(store.redis, 1000, 60_000, most_live=1)
    capped.call()
    capped.call()
    capped.ledger.admit(50)
    wakes = capped.ledger.clock("beat")

    assert not wakes.dispatch
    assert wakes.sleep_seconds > 1


def test_a_due_check_wakes_the_sweep_which_gets_it_alone(store: Store) -> None:
    call = store.placed()
    assert store.ledger.due_check("sweep", 60).call is None
    store.pass_time(61)
    assert store.ledger.clock("beat") == Wakes(False, True, 5)
    due = store.ledger.due_check("one", 60)

    assert due.call is not None
    assert due.call.id == call
    assert abs(due.now_ms - store.now_ms()) < 1000
    assert store.ledger.due_check("sweep", 60).call is None


def test_a_check_whose_sweep_died_comes_back(store: Store) -> None:
    call = store.placed()
    store.pass_time(61)
    store.ledger.due_check("died", 60)
    store.pass_time(60)
    due = store.ledger.due_check("next", 60)

    assert due.call is not None
    assert due.call.id == call


def test_a_postponed_check_comes_at_its_time_unless_the_call_moved_on(store: Store) -> None:
    call = store.placed()
    store.pass_time(61)
    record = store.ledger.due_check("sweep", 60).call
    assert record is not None
    store.ledger.look_again(record, 5)
    assert 4000 < (store.score("checks", call) or 0) - store.now_ms() <= 5000
    store.ledger.settle(call, CallState.ENDED, {"call_status": "completed"})
    store.ledger.look_again(record, 5)

    assert store.score("checks", call) is None


def test_a_nudge_wakes_a_sleeping_beat(store: Store) -> None:
    alarm = store.ledger.alarm()
    alarm.sleep(0.05)
    store.call(delay_ms=60_000)
    began = time.monotonic()
    alarm.sleep(5)

    assert time.monotonic() - began < 1


@pytest.mark.parametrize("seconds", [0.0004, 0.001, 0.013])
def test_a_beat_that_nobody_nudges_sleeps_to_the_millisecond(store: Store, seconds: float) -> None:
    alarm = store.ledger.alarm()
    alarm.sleep(0.05)
    late = []
    for _ in range(20):
        began = time.monotonic()
        alarm.sleep(seconds)
        late.append(time.monotonic() - began - seconds)

    assert min(late) >= 0
    assert sorted(late)[10] < 0.02


def test_health_counts_fresh_workers_and_beats_and_due_calls(store: Store) -> None:
    store.ledger.pulse("a")
    store.ledger.pulse("b")
    store.ledger.clock("beat")
    store.call()
    store.call(delay_ms=60_000)
    assert _health(store) == [2, 1, 1, ""]

    store.ledger.pulse("b", leaving=True)
    assert _health(store)[0] == 1
    store.pass_time(11)
    assert _health(store) == [0, 0, 1, ""]


def test_a_halted_account_admits_nothing_until_a_probe_succeeds(store: Store) -> None:
    call = store.call()
    store.ledger.halt("Account is not active")
    assert store.ledger.admit(50) == []
    assert _health(store)[3] == "Account is not active"
    assert not store.ledger.clock("beat").dispatch
    store.pass_time(1)
    assert store.ledger.clock("beat").sweep
    assert store.ledger.due_check("sweep", 60).probe
    assert not store.ledger.due_check("sweep", 60).probe
    store.ledger.probed(accepted=True)

    assert store.ledger.admit(50) == [call]
    assert _health(store)[3] == ""


def test_each_failed_probe_doubles_the_gap_to_the_next(store: Store) -> None:
    store.ledger.halt("Account is not active")
    store.ledger.halt("Account is not active")
    gaps = []
    for _ in range(9):
        gaps.append(int(store.redis.hget("tw:halt", "probe_ms")) - store.now_ms())
        store.ledger.probed(accepted=False)

    assert [round(gap / 500) for gap in gaps] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_no_more_than_three_sweeps_ask_twilio_at_once(store: Store) -> None:
    for index in range(5):
        store.placed(f"+1202555019{index}", sid=f"CA{index}")
        store.pass_time(1)
    store.pass_time(61)
    found = [store.ledger.due_check(f"sweep {index}", 60).call for index in range(4)]
    assert [call is not None for call in found] == [True, True, True, False]
    assert not store.ledger.clock("beat").sweep
    store.ledger.end_sweep("sweep 0")
    assert store.ledger.clock("beat").sweep

    assert store.ledger.due_check("sweep 1", 60).call is not None
    store.pass_time(60)
    assert store.ledger.clock("beat").sweep


def test_a_beat_that_is_nudged_all_the_time_says_only_now_and_then_that_it_lives(store: Store) -> None:
    store.ledger.clock("beat")
    first_ms = store.score("beats", "beat")
    store.ledger.clock("beat")
    assert store.score("beats", "beat") == first_ms

    store.pass_time(0.6)
    store.ledger.clock("beat")
    assert (store.score("beats", "beat") or 0) >= (first_ms or 0)
