"""report.lua and account.lua: what parts tell of themselves, whose calls these are, and which limits hold."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from runtime.scripts import ScriptRunner
from schemas import keys, records
from schemas.limits import Limits
from schemas.operation.part import Part, leave, report, take_account
from schemas.operation.redis_state import refusal
from schemas.scripts.begin import Go, Wait
from tests.processes import RedisServer
from tests.scripts.conftest import Store

MINE, OTHER = "AC" + "1" * 32, "AC" + "2" * 32
FAST, SLOW = Limits(20, 1200, 50), Limits(2, 120, 1)


def part(name: str = "host/1", kind: str = "worker") -> Part:
    return Part(name, kind, 0, {})


def test_the_first_account_is_recorded_and_another_does_not_join(store: Store) -> None:
    assert store.scripts.run(report(part(), FAST, MINE))[:2] == (True, MINE)
    assert store.scripts.run(report(part("host/2"), FAST, OTHER))[:2] == (False, MINE)
    assert store.redis.zrange(keys.PREFIX + "parts", 0, -1) == ["host/1"]


def test_a_part_without_an_account_joins_and_records_none(store: Store) -> None:
    assert store.scripts.run(report(part(kind="beat"), FAST, ""))[:2] == (True, "")
    assert store.scripts.run(report(part(), FAST, MINE))[:2] == (True, MINE)
    assert store.scripts.run(report(part(kind="beat"), FAST, ""))[:2] == (True, MINE)


def test_a_part_hears_of_the_newest_records_that_a_worker_knows_which_takes_messages(store: Store) -> None:
    assert store.scripts.run(report(part(kind="beat"), FAST, MINE)).newest_records == 0
    assert store.scripts.run(report(part(), FAST, MINE)).newest_records == 0  # nobody is to wait for one that hangs
    store.ledger.pulse("host/1")
    assert store.scripts.run(report(part(), FAST, MINE)).newest_records == records.VERSION
    store.redis.hset(keys.PREFIX + "told", "host/2", json.dumps({"kind": "worker", "ahead_ms": 0, "settings": {}}))
    store.redis.zadd(keys.PREFIX + "parts", {"host/2": store.now_ms()})  # of a version that does not tell
    assert store.scripts.run(report(part("host/3", "web"), FAST, MINE)).newest_records == records.VERSION
    store.scripts.run(leave("host/1"))
    assert store.scripts.run(report(part("host/3", "web"), FAST, MINE)).newest_records == 0


@pytest.mark.parametrize("rule", ["-publish", "resetchannels"])
def test_a_part_that_may_not_publish_is_refused_before_calls_wait_for_it(
    store: Store, redis_server: RedisServer, rule: str
) -> None:
    """What may go at once is told by a channel: without it, calls waited while nobody knew why."""
    store.redis.execute_command("ACL", "SETUSER", "mute", "on", "nopass", "~*", "&*", "+@all", rule)
    try:
        with (
            Redis.from_url(redis_server.url.replace("//", "//mute:x@"), decode_responses=True, protocol=2) as mute,
            pytest.raises(ResponseError) as caught,
        ):
            ScriptRunner(mute).run(report(part(), FAST, MINE))
    finally:
        store.redis.acl_deluser("mute")

    assert "Redis does not let its user do all that is asked" in refusal(str(caught.value))
    assert not store.redis.exists(keys.PREFIX + "parts")


def test_the_operator_gives_the_calls_to_another_account_but_not_while_one_is_live(store: Store) -> None:
    store.scripts.run(report(part(), FAST, MINE))
    call = store.placed()
    assert store.scripts.run(take_account(OTHER))[:2] == (False, MINE)
    store.callback(call, "completed")
    assert store.scripts.run(take_account(OTHER))[:2] == (True, OTHER)
    assert not store.scripts.run(report(part(), FAST, MINE)).joined


def _admitted_now(store: Store, limits: Limits) -> int:
    """How many calls a worker with these limits lets go at once."""
    one = Store(store.redis, limits.calls_per_second, limits.single_calls_per_minute, limits.max_live_calls)
    return len(one.ledger.admit(50))


@pytest.mark.parametrize("order", [(FAST, SLOW), (SLOW, FAST)])
def test_of_two_workers_limits_the_strictest_hold_for_both(store: Store, order: tuple[Limits, Limits]) -> None:
    for index, limits in enumerate(order):
        store.scripts.run(report(part(f"host/{index}"), limits, MINE))
    store.call()
    store.call()
    assert _admitted_now(store, replace(FAST, max_live_calls=50)) == 1
    assert _admitted_now(store, FAST) == 0


def test_the_strictest_pace_holds_at_the_last_gate_too(store: Store) -> None:
    fast = Store(store.redis, 20, 1200, 50)
    calls = [fast.call(f"+1202555010{index}") for index in range(3)]
    deadline = time.monotonic() + 30
    while len(fast.redis.smembers(keys.PREFIX + "live")) < 3 and time.monotonic() < deadline:
        fast.ledger.admit(50)
    for index, limits in enumerate((FAST, replace(SLOW, max_live_calls=50))):
        store.scripts.run(report(part(f"host/{index}"), limits, MINE))
    arrivals = [_begun(fast, call) for call in calls]
    assert arrivals[2] - arrivals[0] >= 990_000  # two a second, where each worker was told to let twenty go


def _begun(store: Store, call: str) -> int:
    """When its request reaches Twilio, microseconds."""
    while not isinstance(permission := store.ledger.begin(call, call), Go):
        assert isinstance(permission, Wait)
        time.sleep(permission.seconds)
    return int(store.task(call)["arrives_us"])


def test_when_the_strict_worker_leaves_the_others_limits_hold_again(store: Store) -> None:
    for index, limits in enumerate((FAST, SLOW)):
        store.scripts.run(report(part(f"host/{index}"), limits, MINE))
    assert store.redis.exists(keys.PREFIX + "strictest")
    store.scripts.run(leave("host/1"))
    assert not store.redis.exists(keys.PREFIX + "strictest")
    assert store.redis.hkeys(keys.PREFIX + "told") == ["host/0"]


def test_a_worker_that_died_is_forgotten_with_its_limits(store: Store) -> None:
    store.scripts.run(report(part("host/1"), SLOW, MINE))
    store.pass_time(11)
    store.scripts.run(report(part("host/2"), FAST, MINE))
    assert not store.redis.exists(keys.PREFIX + "strictest")
    assert store.redis.hkeys(keys.PREFIX + "told") == ["host/2"]


def test_only_workers_dial_so_only_their_limits_count(store: Store) -> None:
    store.scripts.run(report(part("host/1", "web"), SLOW, MINE))
    store.scripts.run(report(part("host/2"), FAST, MINE))
    assert not store.redis.exists(keys.PREFIX + "strictest")


def test_beat_does_not_wake_workers_again_and_again_for_what_the_strictest_holds(store: Store) -> None:
    for index, limits in enumerate((FAST, SLOW)):
        store.scripts.run(report(part(f"host/{index}"), limits, MINE))
    store.call()
    store.call()
    assert _admitted_now(store, FAST) == 1
    wakes = Store(store.redis, 20, 1200, 50).ledger.clock("beat")
    assert (wakes.dispatch, wakes.sleep_seconds > 1) == (False, True)


def _asked(store: Store) -> Any:
    return store.ledger.clock("beat").dispatch


def test_without_a_worker_wake_ups_do_not_pile_up_and_the_first_pulse_asks_for_one(store: Store) -> None:
    store.call(delay_ms=1)
    store.pass_time(1)
    assert _asked(store)
    assert store.redis.pttl(keys.PREFIX + "asked:dispatch") > 60_000
    assert not _asked(store)
    store.ledger.pulse("worker")
    assert _asked(store)
    assert not _asked(store)
    store.ledger.pulse("worker")
    assert not _asked(store)


def test_a_worker_that_was_silent_asks_anew(store: Store) -> None:
    store.ledger.pulse("worker")
    store.call(delay_ms=1)
    store.pass_time(12)
    assert _asked(store)
    store.ledger.pulse("worker")
    assert _asked(store)
