"""restore.lua, requeue.lua and apart.lua: what becomes of a copy's calls, and which the operator may put back."""

import pytest

from schemas import keys
from schemas.campaigns.filling import Repetition, append
from schemas.campaigns.rows import Row
from schemas.operation.copy import put_in_doubt, requeue, set_apart
from schemas.scripts.cancel import ALL, forget_number
from schemas.scripts.outcome import in_doubt
from tests.processes import wait_until
from tests.scripts.conftest import Store
from tests.scripts.zones import IN_LOS_ANGELES, IN_NEW_YORK, NEW_YORK, Clock, campaign, clock, sweep

__all__ = ["clock"]

DAYS = 30


def copied(store: Store) -> None:
    """From now on these records are a copy."""
    now_ms = store.now_ms()
    store.redis.hset(keys.COPY, mapping={"from_ms": now_ms, "at_ms": now_ms, "id": "copy"})


def doubt(store: Store, task: str) -> int:
    return store.scripts.run(put_in_doubt(task, DAYS))


def restored(store: Store, task: str, calls: list[str]) -> None:
    """The task's calls were looked for, and Twilio has none of them."""
    copied(store)
    assert doubt(store, task) == len(calls)
    for call in calls:
        assert store.give_up(call)
    store.redis.delete(keys.COPY)


def put_back(store: Store, call: str, *, ask_only: bool = False) -> bool:
    return store.scripts.run(requeue(call, DAYS, ask_only=ask_only))


def test_what_was_on_its_way_or_due_is_in_doubt_and_nothing_else(store: Store) -> None:
    ended = store.placed("+12025550101", sid="CA1")
    store.callback(ended, "completed")
    placed = store.placed("+12025550102", sid="CA2")
    dialling = store.dialling("+12025550103")
    confirming = store.dialling("+12025550104")
    store.outcome(confirming, in_doubt("no answer"))
    later = store.call("+12025550105", delay_ms=3_600_000)
    due = store.call("+12025550106")
    copied(store)
    copied_ms = store.now_ms()
    wait_until(lambda: store.now_ms() > copied_ms)
    new = store.call("+12025550107")

    for call in (ended, placed, dialling, confirming, later, due, new):
        doubt(store, call)
    states = [store.state(call) for call in (ended, placed, dialling, confirming, later, due, new)]
    assert states == ["ended", "placed", "confirming", "confirming", "waiting", "confirming", "waiting"]
    marked = [call for call in (dialling, confirming, due) if store.task(call).get("restored") == "1"]
    assert marked == [dialling, confirming, due]
    assert store.score("line:c:2:", due) is None
    assert store.redis.sismember(keys.PREFIX + "live", due)


def test_every_waiting_number_of_a_campaign_that_is_due_is_in_doubt(store: Store) -> None:
    campaign = store.campaign("+12025550101", "+12025550102", "+12025550103", max_live=1)
    (first,) = store.ledger.admit(50)
    copied(store)
    assert doubt(store, first) == 1
    assert doubt(store, campaign) == 2
    assert doubt(store, campaign) == 0
    assert [store.state(f"{campaign}-{place}") for place in (1, 2, 3)] == ["confirming"] * 3
    assert store.task(campaign)["live"] == "3"


def test_a_campaign_of_later_and_one_that_was_cancelled_keep_their_numbers(store: Store) -> None:
    later = store.campaign("+12025550101", delay_ms=3_600_000)
    cancelled = store.campaign("+12025550102")
    store.cancel(cancelled)
    copied(store)
    assert (doubt(store, later), doubt(store, cancelled)) == (0, 0)
    assert store.task(f"{later}-1") == {}


def test_numbers_of_a_campaign_whose_zones_are_not_looked_up_yet_are_in_doubt_too(store: Store, clock: Clock) -> None:
    clock.set("2026-11-27T12:00", NEW_YORK)
    task = campaign(store, IN_NEW_YORK, IN_LOS_ANGELES)
    sweep(store)
    further = append(task, [Row("+12125550102"), Row("+12125550103")], Repetition("further", "b"))
    assert store.scripts.run(further).verdict == "done"
    store.redis.hset(keys.COPY, mapping={"from_ms": 1, "at_ms": 2**43, "id": "copy"})

    assert doubt(store, task) == 4
    assert {store.state(f"{task}-{place}") for place in range(1, 5)} == {"confirming"}


def test_where_there_is_no_copy_nothing_is_in_doubt(store: Store) -> None:
    call = store.call()
    assert doubt(store, call) == 0
    assert store.state(call) == "waiting"


def test_only_what_a_restore_left_unknown_is_put_back(store: Store) -> None:
    unknown = store.dialling("+12025550101")
    store.outcome(unknown, in_doubt("no answer"))
    assert store.give_up(unknown)
    apart, one = store.call("+12025550102"), store.call("+12025550103")
    restored(store, apart, [apart])
    restored(store, one, [one])
    store.scripts.run(set_apart(apart))

    asked = {call: put_back(store, call, ask_only=True) for call in (unknown, apart, one, "nobody")}
    assert asked == {unknown: False, apart: False, one: True, "nobody": False}
    assert store.state(one) == "unknown"
    assert [put_back(store, call) for call in (unknown, apart, one)] == [False, False, True]
    assert put_back(store, one) is False
    assert store.ledger.admit(50) == [one]


def test_who_was_forgotten_since_is_not_put_back(store: Store) -> None:
    """Twilio would be asked for a call to nobody."""
    call, campaign = store.call("+12025550101"), store.campaign("+12025550101")
    for task, its in ((call, call), (campaign, f"{campaign}-1")):
        restored(store, task, [its])
    assert store.scripts.run(forget_number("job", "+12025550101", ALL, DAYS)).begun
    while store.ledger.forget_on():
        pass
    for its in (call, f"{campaign}-1"):
        assert store.task(its)["to"] == ""
        assert (put_back(store, its, ask_only=True), put_back(store, its)) == (False, False)
    assert store.ledger.admit(50) == []


def test_a_call_that_is_put_back_is_another_attempt_so_that_late_news_of_the_first_bind_nothing(store: Store) -> None:
    call = store.call("+12025550101")
    restored(store, call, [call])
    assert put_back(store, call)
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "attempt")
    store.callback(call, "completed", sid="CA" + "1" * 32, attempt_number=1)
    assert "sid" not in store.task(call)
    assert store.state(call) == "dialling"


@pytest.mark.parametrize("cancelled", [False, True])
def test_numbers_of_a_campaign_go_on_unless_it_was_cancelled(store: Store, cancelled: bool) -> None:
    campaign = store.campaign("+12025550101", "+12025550102", max_live=1)
    calls = [f"{campaign}-1", f"{campaign}-2"]
    restored(store, campaign, calls)
    assert store.task(campaign)["unknown"] == "2"
    if cancelled:
        store.redis.hset(keys.task(campaign), "state", "cancelled")
    assert [put_back(store, call) for call in calls] == [not cancelled] * 2
    if not cancelled:
        assert (store.task(campaign)["state"], store.task(campaign)["unknown"]) == ("active", "0")
        assert store.ledger.admit(50) == calls[:1]
