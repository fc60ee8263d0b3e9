"""Upgrades: what earlier versions left in Redis goes on, and what later versions wrote is left alone."""

import json
from typing import Any

import pytest

from schemas import keys
from schemas.lua.facts import RANK_STEP
from schemas.records import VERSION, CallRecord, read_task
from schemas.scripts.begin import Go, Newer
from schemas.scripts.checks import Unread
from schemas.scripts.outcome import placed
from tests.golden.keyspace import FOLDER, VERSIONS, restore
from tests.scripts.conftest import Store
from tests.scripts.explaining import why

GOLDEN = {version: json.loads((FOLDER / f"{version}.json").read_text("utf-8"))["cases"] for version in VERSIONS}
CASES = [(version, name) for version, cases in GOLDEN.items() for name in cases]

FINAL = {"ended", "rejected", "unknown", "cancelled"}
MOST_STEPS = 5


@pytest.fixture
def old(store: Store, request: pytest.FixtureRequest) -> tuple[str, Store]:
    """A call's id, and a Redis as its version left it two days ago."""
    version, name = request.param
    case: dict[str, Any] = GOLDEN[version][name]
    restore(store.redis, case["keys"])
    store.pass_time(2 * 86_400)
    store.ledger.pulse("worker")
    return case["call"], store


@pytest.mark.parametrize("old", CASES, indirect=True, ids=map(" ".join, CASES))
@pytest.mark.parametrize("extra", [{}, {"a_later_field": "x"}], ids=["", "with an unknown field"])
def test_a_record_of_any_version_is_read_explained_and_brought_to_its_end(
    old: tuple[str, Store], extra: dict[str, str]
) -> None:
    call, store = old
    for name in store.redis.scan_iter(keys.task("*")) if extra else ():
        store.redis.hset(name, mapping=extra)
    task_ids = [name.removeprefix(keys.task("")) for name in store.redis.scan_iter(keys.task("*"))]
    for task_id in task_ids:
        assert read_task(task_id, store.task(task_id)) is not None
        assert why(store, task_id)

    for _ in range(MOST_STEPS):
        if store.state(call) not in FINAL:
            bring_on(store, call, store.state(call))
    assert store.state(call) in FINAL


def bring_on(store: Store, call: str, state: str | None) -> None:
    """One step on a call's way."""
    if state in {None, "waiting"}:
        assert store.ledger.admit(50) == [call]
    elif state == "dispatched":
        permission = store.ledger.begin(call, "new attempt")
        assert isinstance(permission, Go)
        assert permission.call.to == "+12025550100"
        assert permission.call.from_number == "+15005550006"
    elif state == "placed":
        assert store.callback(call, "completed").verdict == "done"
    else:
        assert store.callback(call, "ringing", sid="CA2").verdict == "done"


def test_every_record_carries_todays_version_and_the_scripts_agree_on_it(store: Store) -> None:
    call, campaign = store.call(), store.campaign("+12025550101")
    store.ledger.admit(50)
    for task_id in (call, campaign, f"{campaign}-1"):
        assert store.task(task_id)["v"] == str(VERSION)


def test_there_is_a_golden_file_of_every_version() -> None:
    assert [f"v{number}" for number in range(VERSION + 1)] == VERSIONS


def test_a_call_of_a_newer_version_is_neither_dialled_nor_changed(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    store.redis.hset(keys.task(call), mapping={"v": VERSION + 1})
    before = store.task(call)
    assert store.ledger.begin(call, "attempt") == Newer(str(VERSION + 1))
    assert store.task(call) == before
    store.pass_time(11)
    before = store.task(call)
    step = store.ledger.due_check(60)
    assert step.call is None
    assert step.unread == Unread(call, f"Its record is of version {VERSION + 1}, and this worker knows {VERSION}", 5)
    before_ms = store.now_ms()
    store.ledger.put_off(step.unread)

    assert store.task(call) == before
    assert store.lies_after(store.score("checks", call), 5, before_ms)


def test_a_newer_record_of_unknown_shape_is_left_alone_too(store: Store) -> None:
    call = store.placed()
    store.redis.hset(keys.task(call), mapping={"v": VERSION + 1, "state": "a state of tomorrow"})
    store.pass_time(61)
    unread = store.ledger.due_check(60).unread
    assert unread is not None
    assert "version" in unread.reason


@pytest.mark.parametrize("damage", [{"state": "lost"}, {"due_ms": "soon"}, {"metadata": "{"}, {"v": "x"}], ids=str)
def test_one_damaged_record_does_not_keep_a_sweep_from_the_others(store: Store, damage: dict[str, str]) -> None:
    damaged = store.placed()
    store.pass_time(1)
    whole = store.placed("+12025550101", sid="CA2")
    store.pass_time(61)
    store.redis.hset(keys.task(damaged), mapping=damage)
    first = store.ledger.due_check(60)
    assert first.unread is not None
    assert first.unread.call_id == damaged
    assert "damaged" in first.unread.reason
    store.ledger.put_off(first.unread)
    second = store.ledger.due_check(60)

    assert isinstance(second.call, CallRecord)
    assert second.call.id == whole
    assert (store.score("checks", damaged) or 0) - store.now_ms() > 86_000_000


@pytest.mark.parametrize("ends", ["finished", "cancelled"])
def test_numbers_that_an_older_process_took_uncounted_wait_no_longer_once_their_campaign_is_over(
    store: Store, ends: str
) -> None:
    campaign = store.campaign("+12025550100", "+12025550101", max_live=1, client="alice")
    (call,) = store.ledger.admit(1)
    for name in (keys.task(campaign), keys.PREFIX + "in_campaigns"):  # as a process leaves it that does not count
        store.redis.hincrby(name, "counted" if name == keys.task(campaign) else "alice", 1)
    if ends == "cancelled":
        store.cancel(campaign)
    else:
        for sid in ("CA1", "CA2"):
            assert isinstance(store.ledger.begin(call, sid), Go)
            store.outcome(call, placed(sid, "queued", 60))
            store.callback(call, "completed")
            store.pass_time(2)
            call = next(iter(store.ledger.admit(1)), call)
    assert store.task(campaign)["state"] == ends
    assert not store.redis.exists(keys.PREFIX + "in_campaigns")


@pytest.mark.parametrize("beat_is_older", [False, True])
def test_what_an_older_process_accepts_goes_beside_what_this_one_does(store: Store, *, beat_is_older: bool) -> None:
    ours, theirs = store.call("+12025550101"), store.call("+12025550102")
    store.redis.zrem(keys.PREFIX + "line:c:2:", theirs)
    store.redis.zadd(keys.PREFIX + "ready:calls", {theirs: 2 * RANK_STEP + store.now_ms()})
    if beat_is_older:  # and nothing else is due any more
        assert store.ledger.admit(50) == [ours]
        assert store.ledger.admit(50) == [theirs]
    else:
        store.ledger.clock("beat")
        assert set(store.ledger.admit(50)) == {ours, theirs}
