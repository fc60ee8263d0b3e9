"""clock.lua, checks.lua, postpone.lua, pulse.lua, health.lua: who wakes whom, and when."""

import time
from statistics import median

import pytest

from schemas.scripts.clock import Wakes
from schemas.scripts.gauges import Condition, health
from schemas.scripts.outcome import placed
from tests.machine import Machine
from tests.scripts.conftest import Store
from worker.beat import Alarm


def _health(store: Store) -> Condition:
    return store.scripts.run(health())


def test_with_nothing_to_do_beat_sleeps(store: Store) -> None:
    wakes = store.ledger.clock("beat")

    assert (wakes.dispatch, wakes.sweep) == (False, False)
    assert wakes.sleep_seconds > 3600


def test_a_call_due_later_wakes_beat_just_in_time(store: Store) -> None:
    before_ms = store.now_ms()
    store.call(delay_ms=3000)
    wakes = store.ledger.clock("beat")

    assert not wakes.dispatch
    assert 2.94 - store.elapsed_seconds(before_ms) < wakes.sleep_seconds <= 2.98


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
    before_ms = paced.now_ms()
    paced.call()
    paced.call()
    paced.ledger.admit(50)
    wakes = paced.ledger.clock("beat")

    assert not wakes.dispatch
    assert 1.95 - paced.elapsed_seconds(before_ms) < wakes.sleep_seconds <= 2.01


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
    assert store.ledger.due_check(60).call is None
    store.pass_time(61)
    assert store.ledger.clock("beat") == Wakes(False, True, 5)
    before_ms = store.now_ms()
    due = store.ledger.due_check(60)

    assert due.call is not None
    assert due.call.id == call
    assert store.lies_after(due.now_ms, 0, before_ms)
    assert store.ledger.due_check(60).call is None


def test_a_check_whose_sweep_died_comes_back(store: Store) -> None:
    call = store.placed()
    store.pass_time(61)
    store.ledger.due_check(60)
    store.pass_time(60)
    due = store.ledger.due_check(60)

    assert due.call is not None
    assert due.call.id == call


def test_a_postponed_check_comes_at_its_time_unless_the_call_moved_on(store: Store) -> None:
    call = store.placed()
    store.pass_time(61)
    record = store.ledger.due_check(60).call
    assert record is not None
    before_ms = store.now_ms()
    store.ledger.look_again(record, 5)
    assert store.lies_after(store.score("checks", call), 5, before_ms)
    store.callback(call, "completed")
    store.ledger.look_again(record, 5)

    assert store.score("checks", call) is None


def test_a_nudge_wakes_a_sleeping_beat(store: Store, machine: Machine) -> None:
    alarm = Alarm(store.ledger.redis)
    alarm.sleep(0.05)
    store.call(delay_ms=60_000)
    watch = machine.stopwatch()
    alarm.sleep(30)

    assert watch.seconds < 15


@pytest.mark.parametrize("seconds", [0.0004, 0.001, 0.013])
def test_a_beat_that_nobody_nudges_sleeps_to_the_millisecond(store: Store, machine: Machine, seconds: float) -> None:
    alarm = Alarm(store.ledger.redis)
    alarm.sleep(0.05)
    slept, late = [], []
    for _ in range(20):
        watch, began = machine.stopwatch(), time.monotonic()
        alarm.sleep(seconds)
        late.append(watch.seconds - seconds)
        slept.append(time.monotonic() - began)

    assert min(slept) >= seconds
    assert median(late) < 0.03  # BLPOP wakes within 100 ms


def test_health_counts_fresh_workers_and_beats_and_due_calls(store: Store) -> None:
    store.ledger.pulse("a")
    store.ledger.pulse("b")
    store.ledger.clock("beat")
    store.call()
    store.call(delay_ms=60_000)
    assert _health(store) == Condition(workers=2, beats=1, queue_depth=1)

    store.ledger.pulse("b", leaving=True)
    assert _health(store).workers == 1
    store.pass_time(11)
    assert _health(store) == Condition(workers=0, beats=0, queue_depth=1)


def test_a_held_account_admits_nothing_until_a_probe_succeeds(store: Store) -> None:
    call = store.call()
    store.hold("Account is not active")
    assert store.ledger.admit(50) == []
    assert _health(store).held == "Account is not active"
    assert not store.ledger.clock("beat").dispatch
    store.pass_time(1)
    assert store.ledger.clock("beat").sweep
    probe = store.ledger.due_check(60).probe
    assert probe
    assert not store.ledger.due_check(60).probe
    store.ledger.probed(probe, passed=True)

    assert store.ledger.clock("beat").dispatch
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "probe")
    store.outcome(call, placed("CA1", "queued", 60))
    assert _health(store).held == ""


def test_no_more_than_three_sweeps_ask_twilio_at_once(store: Store) -> None:
    for index in range(5):
        store.placed(f"+1202555019{index}", sid=f"CA{index}")
        store.pass_time(1)
    store.pass_time(61)
    first, *others = [store.ledger.due_check(60).call for _ in range(4)]
    assert [call is not None for call in (first, *others)] == [True, True, True, False]
    assert not store.ledger.clock("beat").sweep
    assert first is not None
    store.ledger.look_again(first, 60)
    assert store.ledger.clock("beat").sweep

    assert store.ledger.due_check(60).call is not None
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
