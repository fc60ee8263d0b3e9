"""With very many of everything, no script takes longer for it, and what is urgent waits for nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas import keys
from schemas.listing.calls import list_calls
from schemas.listing.now import hours, now
from schemas.listing.tasks import Span, list_tasks
from schemas.lua.script import Script
from schemas.scripts.explain import explain_all
from schemas.scripts.gauges import health
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store

NAMES = 100
HOUR_MS = 3_600_000


@pytest.fixture
def crowded(store: Store) -> Store:
    """Each name has something due in two ranks, and something due in some hours."""
    store.ledger.pulse("worker")
    store.ledger.clock("beat")
    for index in range(NAMES):
        for rank, delay_ms in ((1, 0), (2, 0), (2, 5 * HOUR_MS)):
            store.call(client=f"name-{index}", rank=rank, delay_ms=delay_ms)
    return store


def counts(store: Store, script: Script[Any]) -> int:
    """How often it counts what stands in a line."""
    store.redis.config_resetstat()
    store.scripts.run(script)
    told = store.redis.info("commandstats")
    return sum(int(told.get(f"cmdstat_{name}", {"calls": 0})["calls"]) for name in ("zcount", "zcard", "zrange"))


def test_a_page_of_tasks_counts_what_is_due_once_and_not_for_each_of_them(crowded: Store) -> None:
    page = crowded.scripts.run(list_tasks(Span(), None, 3 * NAMES)).tasks
    ids = [task.task_id for task in page]

    assert counts(crowded, explain_all(ids[:25])) <= 2 * NAMES + 25 * 6


def test_an_acceptance_and_a_look_of_beats_cost_no_more_for_lines_of_thousands_of_names(store: Store) -> None:
    now_ms = store.now_ms()
    for index in range(3000):
        store.redis.zadd(f"{keys.PREFIX}line:c:2:name-{index}", {f"{index}-{call}": now_ms for call in range(2)})
    store.redis.zadd(keys.PREFIX + "lines", {f"c:2:name-{index}": now_ms for index in range(3000)})
    store.redis.config_resetstat()
    accepted = store.accept("+12025550100", client="shop")
    told = store.redis.info("commandstats")

    assert int(told["cmdstat_zcount"]["calls"]) <= 350
    calls = (accepted.start_ms - accepted.created_ms) * 1000 / store.limits.singles.interval_us
    assert 3000 <= calls <= 3001  # each name has its turn before the only call of this one


@pytest.mark.parametrize(
    "script", [lambda: now("name-7", 20), lambda: hours("name-7", 60, 72), lambda: health("name-7")]
)
def test_of_one_name_no_lines_are_looked_at_but_its_own(crowded: Store, script: Callable[[], Script[Any]]) -> None:
    assert counts(crowded, script()) < NAMES


def test_only_hours_are_counted_in_which_a_line_may_have_something(crowded: Store) -> None:
    told = crowded.scripts.run(hours(None, 60, 72))

    assert [(hour.calls, hour.campaigns) for hour in told.coming] == [(NAMES, 0)]
    assert counts(crowded, hours(None, 60, 72)) <= 2 * NAMES * 9


def calls_of(store: Store, *names: str) -> int:
    told = store.redis.info("commandstats")
    return sum(int(told.get(f"cmdstat_{name}", {"calls": 0})["calls"]) for name in names)


def large(store: Store, rows: int) -> str:
    campaign = store.campaign("+12025550100", client="shop")
    store.redis.set(keys.marks(campaign), "w" * rows)
    store.redis.hset(keys.task(campaign), "total", rows)
    return campaign


def test_beats_look_at_no_more_marks_at_once_than_one_campaign_may_have(store: Store) -> None:
    campaigns = [large(store, 200_000) for _ in range(6)]
    store.redis.zadd(keys.PREFIX + "campaigns", dict.fromkeys(campaigns, 0))
    store.redis.config_resetstat()
    store.ledger.clock("beat")

    assert calls_of(store, "get") == 3
    for _ in range(2):
        store.redis.zadd(keys.PREFIX + "beats", {"beat": 0})
        store.ledger.clock("beat")
    assert store.redis.zcount(keys.PREFIX + "campaigns", "-inf", store.now_ms()) == 0


def test_what_never_began_of_large_campaigns_is_passed_over(store: Store) -> None:
    campaigns = [large(store, 200_000) for _ in range(10)]
    store.redis.setrange(keys.marks(campaigns[3]), 70_000, "ab")
    store.redis.hset(
        keys.task(f"{campaigns[3]}-70001"), mapping={"updated_ms": 1, "state": "ended", "to": "+12025550100"}
    )
    store.redis.config_resetstat()
    (call,) = store.scripts.run(list_calls(campaigns, 1000))

    assert call.call_id == f"{campaigns[3]}-70001"
    assert calls_of(store, "getrange") <= 10 * 4


def test_a_call_that_is_to_be_hung_up_is_not_looked_at_behind_thousands_of_others(store: Store) -> None:
    calls = []
    for index in range(5):
        calls.append(store.dialling(f"+1202555010{index}"))
        store.outcome(calls[-1], placed(f"CA{index}", "queued", 60))
    store.pass_time(3600)
    store.cancel(calls[3])
    due = store.ledger.due_check(60).call

    assert due is not None
    assert due.id == calls[3]
    store.redis.zadd(keys.PREFIX + "leases", {calls[3]: 0})
    after = store.ledger.due_check(60).call
    assert after is not None
    assert after.id != calls[3]
