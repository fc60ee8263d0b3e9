"""What is left when tasks have lived their whole lives, their records have expired, and a year has gone by."""

from collections.abc import Callable, Iterator

import pytest

from schemas import keys
from schemas.campaigns.rows import Row
from schemas.hours.closing import unzoned, zone
from schemas.scripts.cancel import forget, forget_number, forget_on, step
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store
from tests.scripts.retrials import NUMBERS
from tests.scripts.zones import NONE, sweep

YEAR_SECONDS = 366 * 86_400
#: What is not about any task: paces, who is alive, totals, and how far the index was looked through.
LASTING = {"pace:account", "pace:singles", "workers", "beats", "ended", "tidying", "turns", "optout_salt"}


def own_ends(store: Store, days: int) -> list[Row]:
    """Rows each of which ends by itself, so many days from now."""
    return [Row(number, expires_ms=store.now_ms() + days * 86_400_000) for number in NUMBERS[:3]]


def finished(store: Store) -> str:
    """A campaign whose numbers have ends of their own, but no windows, and were all called."""
    task = store.campaign(*own_ends(store, 1), unplanned=1, client="shop")
    sweep(store)
    for number in range(3):
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "attempt")
        store.outcome(call, placed(f"CA{number}", "queued", 60))
        store.callback(call, "completed")
        store.pass_time(2)
    return task


def cancelled_before_its_end(store: Store) -> str:
    task = store.campaign(*own_ends(store, 1), unplanned=1)
    sweep(store)
    store.cancel(task)
    return task


def cancelled_while_its_zones_are_looked_up(store: Store) -> str:
    task = store.campaign(*own_ends(store, 1), unplanned=1)
    page = store.scripts.run(unzoned(task))
    store.cancel(task)
    expiries = {place: row.expires_ms or 0 for place, row in enumerate(page.rows, start=1)}
    store.scripts.run(zone(task, page.offset, "aaa", {"a": ""}, expiries))
    sweep(store)
    return task


def deleted(store: Store) -> str:
    task = cancelled_before_its_end(store)
    assert store.scripts.run(forget(task, sid_seconds=120)) == "forgotten"
    return task


def expired(store: Store) -> str:
    task = store.campaign(*own_ends(store, 1), unplanned=1)
    sweep(store)
    store.pass_time(2 * 86_400)
    sweep(store)
    return task


LIVES = [finished, cancelled_before_its_end, cancelled_while_its_zones_are_looked_up, deleted, expired]


def live_on(store: Store, seconds: float) -> None:
    """So much time goes by, with a beat, sweeps and whoever lists tasks; what had an end has gone."""
    for name in list(store.redis.scan_iter("*")):
        if store.redis.pttl(name) >= 0:
            store.redis.delete(name)
    store.pass_time(seconds)
    for _ in range(3):
        store.ledger.pulse("worker")
        store.ledger.clock("beat")
        sweep(store, NONE)
        while store.scripts.run(step(30)) or store.scripts.run(forget_on(30)):
            pass
        store.ledger.due_check(30)
        store.pass_time(1)


@pytest.mark.parametrize("life", LIVES)
def test_nothing_of_a_task_is_left(store: Store, life: Callable[[Store], str]) -> None:
    life(store)
    live_on(store, YEAR_SECONDS)

    assert set(_left(store)) == set()


@pytest.mark.parametrize("life", LIVES[:4])
def test_no_sweep_is_to_look_at_what_is_over(store: Store, life: Callable[[Store], str]) -> None:
    life(store)

    assert store.redis.zrange(keys.PREFIX + "closing", 0, -1) == []


def test_a_number_is_forgotten_though_no_sweep_ran_for_as_long_as_its_job_would_be_kept(store: Store) -> None:
    call = store.call(NUMBERS[0])
    assert store.scripts.run(forget_number("job", NUMBERS[0], "all", retention_days=1)).begun
    live_on(store, 2 * 86_400)

    assert store.redis.hget(keys.forget_job("job"), "state") == "done"
    assert (store.state(call), store.task(call)["to"]) == ("cancelled", "")
    assert store.redis.pttl(keys.forget_job("job")) > 0


def _left(store: Store) -> Iterator[str]:
    for name in store.redis.scan_iter(keys.PREFIX + "*"):
        if name.removeprefix(keys.PREFIX) not in LASTING:
            yield name
