"""What is kept of a task is kept for its time and no longer: by itself, and when its client wants it gone."""

from collections.abc import Callable

import pytest

from schemas import keys
from schemas.scripts import cancel
from schemas.scripts.cancel import Forgetting
from schemas.scripts.outcome import in_doubt, placed, refused
from tests.scripts.conftest import Store

DAY_MS = 86_400_000
RETENTION_MS = 30 * DAY_MS
URL = "https://client.example/news"
#: What is not about any task: paces, and who is alive.
LASTING = {keys.PREFIX + name for name in ("pace:account", "pace:singles", "workers", "beats", "ended", "tidying")}


def news(store: Store, call: str, status: str, sequence: int, sid: str) -> None:
    """A webhook, to be passed on."""
    store.callback(call, status, sid, sequence=str(sequence), body=f"body={sequence}")


def forget(store: Store, task: str) -> Forgetting:
    return store.scripts.run(cancel.forget(task, sid_seconds=120))


def ended(store: Store) -> str:
    call = store.dialling(key="k1")
    store.redis.hset(keys.task(call), "status_callback_url", URL)
    news(store, call, "ringing", 0, "CA1")
    news(store, call, "completed", 3, "CA1")
    return call


def told_late(store: Store) -> str:
    call = ended(store)
    news(store, call, "ringing", 1, "CA1")
    return call


def told_of_two_sids(store: Store) -> str:
    call = store.placed(sid="CA1")
    store.outcome(call, placed("CA2", "queued", 60))
    news(store, call, "completed", 3, "CA2")
    return call


def ended_without_a_sid_that_comes_late(store: Store) -> str:
    call = store.dialling()
    store.outcome(call, in_doubt("no answer"))
    store.callback(call, "unknown")
    news(store, call, "completed", 3, "CA1")
    return call


def rejected(store: Store) -> str:
    call = store.dialling(key="k2")
    store.outcome(call, refused("number", "no", by_twilio=True))
    return call


def unknown_and_found_after_all(store: Store) -> str:
    call = store.dialling(key="k3")
    store.redis.hset(keys.task(call), "status_callback_url", URL)
    store.outcome(call, in_doubt("no answer"))
    store.give_up(call)
    news(store, call, "ringing", 0, "CA1")
    news(store, call, "completed", 3, "CA1")
    return call


def cancelled(store: Store) -> str:
    call = store.call(key="k4", delay_ms=60_000)
    store.cancel(call)
    return call


def campaign(store: Store) -> str:
    task = store.campaign("+12025550100", "+12025550101", "+12025550102", key="k5", most_a_day=5)
    store.redis.hset(keys.task(task), "status_callback_url", URL)
    for number in (1, 2, 3):
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "attempt")
        news(store, call, "ringing", 0, f"CA{number}")
        news(store, call, "completed", 3, f"CA{number}")
        store.pass_time(2)
    return task


def cancelled_campaign(store: Store) -> str:
    task = store.campaign("+12025550100", "+12025550101", key="k6")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.cancel(task)
    news(store, call, "ringing", 0, "CA1")
    news(store, call, "completed", 3, "CA1")
    return task


FINISHED = [
    ended,
    told_late,
    told_of_two_sids,
    ended_without_a_sid_that_comes_late,
    rejected,
    unknown_and_found_after_all,
    cancelled,
    campaign,
    cancelled_campaign,
]


@pytest.mark.parametrize("finish", FINISHED)
def test_nothing_of_a_finished_task_outlives_its_retention(store: Store, finish: Callable[[Store], str]) -> None:
    finish(store)
    # Of ids, and emptied once their records are gone: by relay.lua, and by whoever lists tasks or the clock's tidying.
    store.redis.delete(keys.PREFIX + "untold", *store.redis.scan_iter(keys.PREFIX + "mail*"))
    store.redis.delete(keys.PREFIX + "clients", *store.redis.scan_iter(keys.PREFIX + "tasks:*"))

    lasting = set(store.redis.scan_iter("*")) - LASTING
    assert lasting
    kept_ms = {name: int(store.redis.pttl(name)) for name in lasting}
    assert {name for name, left_ms in kept_ms.items() if not 0 < left_ms <= RETENTION_MS} == set()
    assert {name for name in kept_ms if ":idem:" in name and kept_ms[name] > DAY_MS} == set()


@pytest.mark.parametrize("finish", FINISHED)
def test_a_finished_task_can_be_forgotten_at_once(store: Store, finish: Callable[[Store], str]) -> None:
    task = finish(store)
    assert forget(store, task) == "forgotten"

    left = set(store.redis.scan_iter("*")) - LASTING
    assert {
        name for name in left if name.split(":")[1] not in {"idem", "sid", "day", "talked", "asked", "left", "begun"}
    } == set()
    assert {name for name in left if task in name} == set()
    assert all(0 < store.redis.pttl(name) <= RETENTION_MS for name in left)
    assert forget(store, task) == "gone"


@pytest.mark.parametrize("finish", FINISHED)
def test_a_forgetting_whose_answer_got_lost_may_be_asked_for_again(
    store: Store, finish: Callable[[Store], str]
) -> None:
    task = finish(store)
    once = cancel.forget(task, sid_seconds=120, claim="one")
    assert [store.scripts.run(once) for _ in range(2)] == ["forgotten"] * 2
    assert store.scripts.run(cancel.forget(task, sid_seconds=120, claim="other")) == "gone"


def test_the_sid_of_a_forgotten_call_stays_taken_while_another_call_may_be_looked_for(store: Store) -> None:
    forget(store, ended(store))
    other = store.dialling(number="+12025550100")
    store.outcome(other, in_doubt("no answer"))

    assert store.callback(other, "ringing", sid="CA1").verdict == "taken"
    assert 0 < store.redis.pttl(keys.sid("CA1")) <= 120_000


@pytest.mark.parametrize("state", ["waiting", "dispatched", "dialling", "placed"])
def test_a_call_that_is_going_on_is_not_forgotten(store: Store, state: str) -> None:
    call = store.placed() if state == "placed" else store.dialling() if state == "dialling" else store.call()
    if state == "dispatched":
        store.ledger.admit(50)
    assert store.state(call) == state
    before = store.task(call)

    assert (forget(store, call), store.task(call)) == ("going on", before)


def test_a_campaign_is_not_forgotten_while_a_call_of_it_is_live(store: Store) -> None:
    task = store.campaign("+12025550100", "+12025550101")
    assert forget(store, task) == "going on"
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.cancel(task)

    assert forget(store, task) == "going on"
    news(store, call, "ringing", 0, "CA1")
    assert forget(store, task) == "going on"
    news(store, call, "completed", 3, "CA1")
    assert forget(store, task) == "forgotten"


def test_news_of_a_forgotten_call_brings_nothing_back(store: Store) -> None:
    call = ended(store)
    forget(store, call)
    before = set(store.redis.scan_iter("*"))
    news(store, call, "completed", 4, "CA1")

    assert set(store.redis.scan_iter("*")) == before


def test_a_repeated_request_of_a_forgotten_call_dials_nothing(store: Store) -> None:
    call = ended(store)
    forget(store, call)

    assert store.accept("+12025550100", key="k1")[:2] == ("replayed", call)
    assert store.ledger.admit(50) == []


def test_the_end_of_a_call_whose_campaign_has_expired_leaves_no_damaged_campaign(store: Store) -> None:
    task = store.campaign("+12025550100")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    news(store, call, "ringing", 0, "CA1")
    store.redis.delete(keys.task(task))
    news(store, call, "completed", 3, "CA1")

    assert store.task(task) == {}
    assert store.state(call) == "ended"
