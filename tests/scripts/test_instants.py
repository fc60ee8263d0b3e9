"""begin.lua plans when requests reach Twilio: here asked in one transaction, so that a slow machine changes nothing."""

from typing import Any

import pytest

from schemas import keys
from schemas.lua.facts import LEAD_US
from schemas.lua.source import source
from schemas.scripts.begin import Go, Permission, Wait, begin
from tests.scripts.conftest import Store

#: Sets fields of hashes to instants, told as microseconds from now.
_SET = """
local now, set = redis.call('TIME'), {}
for index, key in ipairs(KEYS) do
  local at_us = now[1] * 1000000 + now[2] + ARGV[2 * index]
  redis.call('HSET', key, ARGV[2 * index - 1], string.format('%.0f', at_us))
end
"""
_ACCOUNT = keys.PREFIX + "pace:account"


def _asked(
    store: Store, instants: dict[tuple[str, str], float], *questions: tuple[str, str, float]
) -> list[Permission]:
    """
    Sets instants, (key, field): seconds from now, and asks at once: (call, claim, seconds of the way to Twilio).
    """
    scripts = [begin(call, claim, store.limits, 35, way_seconds) for call, claim, way_seconds in questions]
    names = [key for key, _ in instants]
    values = [word for (_, field), seconds in instants.items() for word in (field, round(seconds * 1e6))]
    with store.redis.pipeline(transaction=True) as transaction:
        transaction.eval(_SET, len(names), *names, *values)
        for script in scripts:
            transaction.eval(source(script.name), 1, keys.PREFIX, *script.words)
        _, *answers = transaction.execute()
    return [script.read(answer) for script, answer in zip(scripts, answers, strict=True)]


def _admitted(store: Store, calls: int = 1) -> list[str]:
    store.redis.hset(_ACCOUNT, "way_us", 10_000_000)  # looks that far ahead
    made = [store.call() for _ in range(calls)]
    assert set(store.ledger.admit(50)) == set(made)
    return made


@pytest.fixture
def twenty(redis: Any) -> Store:
    """Twenty calls a second: slots lie 50.6 ms apart, and late calls come at least 45 ms after the one before."""
    return Store(redis, 20, 1200, 1000)


def test_a_late_call_comes_a_gap_after_the_one_before_it(twenty: Store) -> None:
    first, second = _admitted(twenty, 2)
    before_ms = twenty.now_ms()
    slots = {(keys.task(first), "slot_us"): -0.4, (keys.task(second), "slot_us"): -0.35}
    gone, held = _asked(twenty, slots, (first, "one", 0), (second, "other", 0))

    assert isinstance(gone, Go)
    assert isinstance(held, Wait)
    arrives_ms = int(twenty.task(first)["arrives_us"]) / 1000 + 45
    assert twenty.lies_after(arrives_ms - LEAD_US / 2000 - held.seconds * 1000, 0, before_ms)


def test_a_call_in_time_keeps_its_slot_though_the_one_before_was_late(twenty: Store) -> None:
    late, timely = _admitted(twenty, 2)
    slots = {(keys.task(late), "slot_us"): -0.03, (keys.task(timely), "slot_us"): 0.02}
    permissions = _asked(twenty, slots, (late, "one", 0), (timely, "other", 0))

    assert [type(permission) for permission in permissions] == [Go, Go]
    assert twenty.task(timely)["arrives_us"] == twenty.task(timely)["slot_us"]


def test_a_late_call_goes_before_a_distant_workers_that_was_let_out_for_later(twenty: Store) -> None:
    later, late = _admitted(twenty, 2)
    slots = {(keys.task(later), "slot_us"): 0.22, (keys.task(late), "slot_us"): -0.03}
    permissions = _asked(twenty, slots, (later, "far", 0.2), (late, "near", 0))

    assert [type(permission) for permission in permissions] == [Go, Go]
    assert int(twenty.task(late)["arrives_us"]) < int(twenty.task(later)["arrives_us"]) - 100_000


def test_a_call_of_a_distant_worker_leaves_so_much_before_its_slot(store: Store) -> None:
    (call,) = _admitted(store)
    before_ms = store.now_ms()
    near, far = _asked(store, {(keys.task(call), "slot_us"): 0.3}, (call, "near", 0), (call, "far", 0.15))

    assert isinstance(near, Wait)
    assert isinstance(far, Wait)
    assert 0.15 <= near.seconds - far.seconds <= 0.15 + store.elapsed_seconds(before_ms)
    assert store.state(call) == "dispatched"


@pytest.mark.parametrize("kind", ["call", "campaign"])
def test_no_request_leaves_before_its_call_is_due_however_far_its_worker_is(store: Store, kind: str) -> None:
    if kind == "call":
        (call,) = _admitted(store)
    else:
        store.campaign("+12025550100")
        (call,) = store.ledger.admit(50)
    before_ms = store.now_ms()
    due_ms = before_ms + 300
    store.redis.hset(keys.task(call.removesuffix("-1")), "due_ms", due_ms)
    (far,) = _asked(store, {(keys.task(call), "slot_us"): 0.3}, (call, "far", 0.2))

    assert isinstance(far, Wait)
    assert far.seconds >= 0.3 - LEAD_US / 1e6 - store.elapsed_seconds(before_ms)


def test_a_call_keeps_its_slot_though_a_distant_workers_was_let_out_before_for_a_later_one(twenty: Store) -> None:
    later, sooner = _admitted(twenty, 2)
    instants = {(keys.task(later), "slot_us"): 0.52, (keys.task(sooner), "slot_us"): 0.42}
    permissions = _asked(twenty, instants, (later, "far", 0.5), (sooner, "near", 0.4))

    assert [type(permission) for permission in permissions] == [Go, Go]
    for call in (later, sooner):
        assert twenty.task(call)["arrives_us"] == twenty.task(call)["slot_us"]


def test_a_late_call_waits_until_a_window_after_a_distant_workers_that_is_on_its_way(redis: Any) -> None:
    store = Store(redis, 1, 60, 1000)
    later, late = _admitted(store, 2)
    slots = {(keys.task(later), "slot_us"): 0.22, (keys.task(late), "slot_us"): -0.8}
    far, near = _asked(store, slots, (later, "far", 0.2), (late, "near", 0))

    assert isinstance(far, Go)
    assert isinstance(near, Wait)
    assert near.seconds > 1


def test_what_a_distant_worker_begins_late_is_planned_for_when_it_can_arrive(store: Store) -> None:
    (call,) = _admitted(store)
    before_ms = store.now_ms()
    (permission,) = _asked(store, {(keys.task(call), "slot_us"): -0.03}, (call, "claim", 0.15))

    assert isinstance(permission, Go)
    assert permission.leaves_in_seconds == 0
    assert store.lies_after(int(store.task(call)["arrives_us"]) / 1000, 0.15, before_ms)


def test_a_claim_that_is_told_again_waits_what_is_left_of_its_time(store: Store) -> None:
    (call,) = _admitted(store)
    first, again = _asked(store, {(keys.task(call), "slot_us"): 0.02}, (call, "claim", 0), (call, "claim", 0))

    assert isinstance(first, Go)
    assert isinstance(again, Go)
    assert 0 < again.leaves_in_seconds <= first.leaves_in_seconds <= 0.02


def test_the_longest_way_is_remembered_and_a_shorter_one_when_none_longer_was_told_for_half_a_minute(
    store: Store,
) -> None:
    (call,) = _admitted(store)
    known = []
    store.redis.hdel(_ACCOUNT, "way_us")
    for way_seconds, passing_seconds in ((0.05, 0), (0.15, 0), (0.05, 0), (0.05, 31)):
        store.pass_time(passing_seconds)
        _asked(store, {(keys.task(call), "slot_us"): 3}, (call, "claim", way_seconds))
        known.append(int(store.redis.hget(_ACCOUNT, "way_us")))

    assert known == [50_000, 150_000, 150_000, 50_000]
