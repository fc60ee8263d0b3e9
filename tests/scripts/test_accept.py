"""accept.lua: the only way in."""

from itertools import pairwise

import pytest

from schemas import keys
from schemas.campaigns.marks import Mark
from schemas.campaigns.rows import Row
from schemas.scripts.accept import NewTask, accept
from tests.scripts.conftest import Store

#: Single calls of rank 2 without a client.
LINE = "line:c:2:"


def test_an_accepted_call_waits_in_line_with_its_record(store: Store) -> None:
    before_ms = store.now_ms()
    verdict, call_id, created_ms, _, wake, _ = store.accept("+12025550100")

    assert (verdict, wake) == ("accepted", True)
    assert store.task(call_id)["to"] == "+12025550100"
    assert store.lies_after(created_ms, 0, before_ms)
    assert 0 < (store.score(LINE, call_id) or 0) <= store.now_ms() + 1


def test_accepting_the_same_id_twice_accepts_it_once(store: Store) -> None:
    first = store.accept("+12025550100", task_id="same")
    again = store.accept("+12025550100", task_id="same")

    assert again[:4] == first[:4]
    assert store.redis.zcard(keys.PREFIX + LINE) == 1


def test_a_delayed_call_is_not_in_line_before_it_is_due(store: Store) -> None:
    _, call_id, created_ms, _, wake, _ = store.accept("+12025550100", delay_ms=3000)

    assert not wake
    assert store.score(LINE, call_id) == created_ms + 3000
    assert store.ledger.admit(50) == []


def test_a_script_that_runs_after_its_deadline_changes_nothing(store: Store) -> None:
    verdict, *_ = store.accept("+12025550100", deadline_us=store.now_ms() * 1000 - 1)

    assert verdict == "late"
    assert store.redis.dbsize() == 0


def test_a_time_that_has_passed_changes_nothing(store: Store) -> None:
    verdict, *_ = store.accept("+12025550100", due_ms=store.now_ms() - 1)

    assert verdict == "past"
    assert store.redis.dbsize() == 0


def test_a_dry_run_tells_the_verdict_and_changes_nothing(store: Store) -> None:
    fields, rows = {"kind": "bulk", "state": "active", "total": "2"}, [Row("+12025550100"), Row("+12025550101")]
    task = NewTask("dry", fields, rows, dry=True)
    verdicts = [
        store.scripts.run(accept(one, 0, most_a_day, most_waiting)).verdict
        for one, most_a_day, most_waiting in (
            (task, 2, 2),
            (task, 1, 2),
            (task, 2, 1),
            (task._replace(due_ms=store.now_ms() - 1), 0, 0),
        )
    ]

    assert verdicts == ["accepted", "full", "crowded", "past"]
    assert store.redis.dbsize() == 0


def test_the_same_key_and_body_give_the_first_answer(store: Store) -> None:
    first = store.accept("+12025550100", key="k")
    again = store.accept("+12025550100", key="k")

    assert again == first._replace(verdict="replayed", wake=False)
    assert store.redis.zcard(keys.PREFIX + LINE) == 1


def test_the_same_key_with_another_body_is_a_mismatch(store: Store) -> None:
    store.accept("+12025550100", key="k", body="one")

    assert store.accept("+12025550101", key="k", body="two").verdict == "mismatch"
    assert store.redis.zcard(keys.PREFIX + LINE) == 1


def test_a_key_is_kept_without_limit_until_its_call_has_ended_and_a_day_at_least(store: Store) -> None:
    call_id = store.accept("+12025550100", key="k", delay_ms=1000).task_id
    assert store.redis.ttl(keys.PREFIX + "idem:k") == -1

    store.redis.hset(keys.PREFIX + "idem:k", "created_ms", store.now_ms())
    store.cancel(call_id)
    assert 86_000 < store.redis.ttl(keys.PREFIX + "idem:k") <= 86_400


def test_a_day_with_no_room_for_a_whole_campaign_takes_nothing_of_it(store: Store) -> None:
    assert store.accept("+12025550100", "+12025550101", max_live=1, most_a_day=3).verdict == "accepted"
    before = store.redis.dbsize()
    verdict, _, now_ms, day_ends_ms, _, _ = store.accept("+12025550102", "+12025550103", max_live=1, most_a_day=3)

    assert (verdict, store.redis.dbsize()) == ("full", before)
    assert day_ends_ms % 86_400_000 == 0
    assert 0 < day_ends_ms - now_ms <= 86_400_000
    assert store.accept("+12025550102", most_a_day=3).verdict == "accepted"
    assert store.accept("+12025550103", most_a_day=3).verdict == "full"


def test_what_is_not_accepted_anew_counts_nothing_that_day(store: Store) -> None:
    store.accept("+12025550100", task_id="same", key="k", most_a_day=2)
    store.accept("+12025550100", task_id="same", key="k", most_a_day=2)
    store.accept("+12025550100", key="k", most_a_day=2)
    store.accept("+12025550100", due_ms=store.now_ms() - 1, most_a_day=2)

    assert store.accept("+12025550100", most_a_day=2).verdict == "accepted"


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1000])
def test_every_number_of_a_campaign_is_kept_in_order(store: Store, count: int) -> None:
    numbers = [f"+1202{index:07d}" for index in range(count)]
    campaign = store.campaign(*numbers)

    assert [f"+{row}" for row in store.redis.lrange(keys.rows(campaign), 0, -1)] == numbers
    assert store.redis.get(keys.marks(campaign)) == Mark.WAITING * count


def test_the_estimate_grows_by_the_pace_for_each_call_ahead(paced: Store) -> None:
    starts = [paced.accept("+12025550100").start_ms for _ in range(4)]
    gaps = [later - earlier for earlier, later in pairwise(starts)]

    assert all(1900 <= gap <= 2100 for gap in gaps)


def test_only_one_wake_up_is_asked_for_while_one_is_under_way(store: Store) -> None:
    wakes = [store.accept("+12025550100").wake for _ in range(5)]

    assert wakes == [True, False, False, False, False]
