"""list_tasks.lua: every task stands in the list of its client once, from its acceptance until its record goes."""

import pytest

from schemas import keys
from schemas.listing.tasks import Place, Sheet, Sieve, Span, list_tasks
from schemas.scripts.accept import take_back
from schemas.scripts.cancel import forget
from tests.scripts.conftest import Store

TASKS, CLIENTS, TIDYING = keys.PREFIX + "tasks:", keys.PREFIX + "clients", keys.PREFIX + "tidying"


def sheet(store: Store, *clients: str, behind: Place | None = None, most: int = 100) -> Sheet:
    return store.scripts.run(list_tasks(Span(clients), behind, most))


def listed(store: Store, *clients: str) -> list[str]:
    return [task.task_id for task in sheet(store, *clients).tasks]


def accepted_at(store: Store, at_ms: int, client: str = "", task_id: str = "") -> str:
    """As a clock that stands still accepts them."""
    task = store.call(client=client, task_id=task_id)
    store.redis.zadd(TASKS + client, {task: at_ms})
    return task


def tidied(store: Store, steps: int = 1) -> None:
    for _ in range(steps):
        store.ledger.clock("beat")
        store.pass_time(1)


def test_what_is_accepted_is_listed_newest_first_and_a_repeated_acceptance_once(store: Store) -> None:
    accepted = [accepted_at(store, 1000 + index, "shop") for index in range(3)]
    store.accept("+12025550100", client="shop", task_id=accepted[0])

    assert listed(store) == listed(store, "shop") == accepted[::-1]
    assert listed(store, "other") == []


def test_clients_are_merged_by_time_and_each_is_listed_by_itself(store: Store) -> None:
    accepted = [accepted_at(store, 1000 + index, ("a", "b", "")[index % 3]) for index in range(9)]

    assert listed(store) == accepted[::-1]
    assert listed(store, "b", "") == [task for index, task in enumerate(accepted) if index % 3][::-1]
    assert {task.client for task in sheet(store, "a").tasks} == {"a"}


@pytest.mark.parametrize("most", [1, 2, 3, 50])
def test_pages_hold_each_task_once_also_of_one_millisecond_and_of_several_clients(store: Store, most: int) -> None:
    ids = {accepted_at(store, 1000 + index // 5, ("a", "b")[index % 2]) for index in range(20)}
    seen: list[str] = []
    page = sheet(store, most=most)
    while True:
        seen += [task.task_id for task in page.tasks]
        if page.behind is None:
            break
        page = sheet(store, behind=page.behind, most=most)

    assert len(seen) == 20
    assert set(seen) == ids


def test_a_page_goes_on_behind_a_task_that_has_gone_meanwhile(store: Store) -> None:
    first, second, third = (accepted_at(store, at_ms) for at_ms in (1000, 1000, 1000))
    page = sheet(store, most=1)
    store.cancel(page.tasks[0].task_id)
    store.scripts.run(forget(page.tasks[0].task_id, 1))

    rest = sheet(store, behind=page.behind).tasks
    assert {page.tasks[0].task_id, *(task.task_id for task in rest)} == {first, second, third}


def test_a_span_begins_with_its_first_instant_and_ends_before_its_last(store: Store) -> None:
    accepted = [accepted_at(store, at_ms) for at_ms in (1000, 2000, 3000)]
    span = store.scripts.run(list_tasks(Span(from_ms=1000, before_ms=3000), None, 100))

    assert [task.task_id for task in span.tasks] == accepted[1::-1]


def test_whoever_meets_what_is_gone_drops_it_and_the_last_one_leaves_nothing(store: Store) -> None:
    kept, gone = store.call(client="a"), store.call(client="b")
    store.redis.delete(keys.task(gone))

    assert listed(store) == [kept]
    assert store.redis.keys(TASKS + "*") == [TASKS + "a"]
    assert store.redis.smembers(CLIENTS) == {"a"}


def test_what_is_taken_back_or_deleted_is_not_listed(store: Store) -> None:
    taken_back, deleted, kept = (store.call(client="a") for _ in range(3))
    store.scripts.run(take_back(taken_back))
    store.cancel(deleted)
    store.scripts.run(forget(deleted, 1))

    assert store.redis.zrange(TASKS + "a", 0, -1) == [kept]


def test_the_clock_drops_what_expired_of_each_client(store: Store) -> None:
    for client in ("a", "b", "c"):
        store.redis.delete(keys.task(store.call(client=client)))
    kept = store.call(client="b")
    tidied(store, steps=6)

    assert store.redis.keys(TASKS + "*") == [TASKS + "b"]
    assert store.redis.zrange(TASKS + "b", 0, -1) == [kept]


def test_the_clock_lists_what_older_versions_accepted_but_no_campaigns_calls(store: Store) -> None:
    campaign, single = store.campaign("+12025550100", client="a"), store.call()
    (call, _) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.redis.delete(TASKS, TASKS + "a", CLIENTS)
    tidied(store)

    assert set(listed(store)) == {campaign, single}
    assert store.redis.zscore(TASKS + "a", campaign) == int(store.task(campaign)["created_ms"])


def test_the_clock_looks_through_all_records_once_a_day_in_small_steps(store: Store) -> None:
    calls = {store.call() for _ in range(700)}
    store.redis.delete(TASKS, CLIENTS)
    store.ledger.clock("beat")
    first = set(store.redis.zrange(TASKS, 0, -1))
    assert 0 < len(first) < len(calls)
    tidied(store, steps=10)
    assert set(store.redis.zrange(TASKS, 0, -1)) == calls

    store.redis.delete(TASKS, CLIENTS)
    tidied(store)
    assert not store.redis.exists(TASKS)
    store.redis.hset(TIDYING, "round_ms", store.now_ms() - 1)
    tidied(store, steps=10)
    assert set(store.redis.zrange(TASKS, 0, -1)) == calls


@pytest.mark.parametrize(
    ("sieve", "wanted"),
    [
        (Sieve(), "campaign call later over"),
        (Sieve(kind="single"), "call over"),
        (Sieve(name="Remind"), "campaign"),
        (Sieve(name="reminders"), ""),
        (Sieve(external_id="order-1"), "campaign call"),
        (Sieve(external_id="order"), ""),
        (Sieve(states=("active", "cancelled")), "campaign over"),
        (Sieve(kind="single", external_id="order-1", states=("waiting",)), "call"),
    ],
)
def test_of_what_is_looked_at_only_what_is_wanted_is_told(store: Store, sieve: Sieve, wanted: str) -> None:
    named = {
        "campaign": store.campaign("+12025550100"),
        "call": store.call(),
        "later": store.call(),
        "over": store.call(),
    }
    store.redis.hset(keys.task(named["campaign"]), mapping={"name": "Reminders", "external_id": "order-1"})
    store.redis.hset(keys.task(named["call"]), mapping={"external_id": "order-1"})
    store.redis.hset(keys.task(named["later"]), mapping={"kind": "scheduled"})
    store.cancel(named["over"])
    shown = store.scripts.run(list_tasks(Span(), None, 100, sieve)).tasks

    assert {task.task_id for task in shown} == {named[name] for name in wanted.split()}


@pytest.mark.parametrize("sieve", [Sieve(kind="bulk"), Sieve(kind="single"), Sieve(name="R", states=("waiting",))])
def test_what_is_gone_leaves_the_index_whatever_is_wanted(store: Store, sieve: Sieve) -> None:
    gone = store.call()
    store.redis.delete(keys.task(gone))
    store.scripts.run(list_tasks(Span(), None, 100, sieve))

    assert store.redis.zcard(TASKS) == 0


def test_numbers_of_a_cancelled_campaign_do_not_wait_any_more_once_it_is_deleted(store: Store) -> None:
    campaign = store.campaign(*(f"+1303{index:07d}" for index in range(1500)))
    store.cancel(campaign)  # and before a sweep ends those that one run did not
    while store.scripts.run(forget(campaign, sid_seconds=0)) == "more":
        pass
    assert not store.redis.exists(f"{keys.PREFIX}in_campaigns")
