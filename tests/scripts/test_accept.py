"""accept.lua: the only way in."""

from itertools import pairwise

import pytest

from schemas import keys
from tests.scripts.conftest import Store


def test_an_accepted_call_waits_in_line_with_its_record(store: Store) -> None:
    verdict, call_id, created_ms, _, wake = store.accept("+12025550100")

    assert (verdict, wake) == ("accepted", "1")
    assert store.task(call_id)["to"] == "+12025550100"
    assert abs(int(created_ms) - store.now_ms()) < 1000
    assert store.score("ready:calls", call_id) is not None


def test_accepting_the_same_id_twice_accepts_it_once(store: Store) -> None:
    first = store.accept("+12025550100", task_id="same")
    again = store.accept("+12025550100", task_id="same")

    assert again[:4] == first[:4]
    assert store.redis.zcard(keys.PREFIX + "ready:calls") == 1


def test_a_delayed_call_is_not_in_line_before_it_is_due(store: Store) -> None:
    _, call_id, created_ms, _, wake = store.accept("+12025550100", delay_ms=3000)

    assert wake == "0"
    assert store.score("ready:calls", call_id) is None
    assert store.score("later", call_id) == int(created_ms) + 3000


def test_a_script_that_runs_after_its_deadline_changes_nothing(store: Store) -> None:
    verdict, *_ = store.accept("+12025550100", deadline_us=store.now_ms() * 1000 - 1)

    assert verdict == "late"
    assert store.redis.dbsize() == 0


def test_a_time_that_has_passed_changes_nothing(store: Store) -> None:
    verdict, *_ = store.accept("+12025550100", due_ms=store.now_ms() - 1)

    assert verdict == "past"
    assert store.redis.dbsize() == 0


def test_the_same_key_and_body_give_the_first_answer(store: Store) -> None:
    first = store.accept("+12025550100", key="k")
    again = store.accept("+12025550100", key="k")

    assert again == ["replayed", *first[1:4], "0"]
    assert store.redis.zcard(keys.PREFIX + "ready:calls") == 1


def test_the_same_key_with_another_body_is_a_mismatch(store: Store) -> None:
    store.accept("+12025550100", key="k", body="one")

    assert store.accept("+12025550101", key="k", body="two")[0] == "mismatch"
    assert store.redis.zcard(keys.PREFIX + "ready:calls") == 1


def test_a_key_is_kept_without_limit_until_its_call_has_ended_and_a_day_at_least(store: Store) -> None:
    call_id = store.accept("+12025550100", key="k", delay_ms=1000)[1]
    assert store.redis.ttl(keys.PREFIX + "idem:k") == -1

    store.redis.hset(keys.PREFIX + "idem:k", "created_ms", store.now_ms())
    store.cancel(call_id)
    assert 86_000 < store.redis.ttl(keys.PREFIX + "idem:k") <= 86_400


def test_a_day_with_no_room_for_a_whole_campaign_takes_nothing_of_it(store: Store) -> None:
    assert store.accept("+12025550100", "+12025550101", max_live=1, most_a_day=3)[0] == "accepted"
    before = store.redis.dbsize()
    verdict, _, now_ms, day_ends_ms, _ = store.accept("+12025550102", "+12025550103", max_live=1, most_a_day=3)

    assert (verdict, store.redis.dbsize()) == ("full", before)
    assert int(day_ends_ms) % 86_400_000 == 0
    assert 0 < int(day_ends_ms) - int(now_ms) <= 86_400_000
    assert store.accept("+12025550102", most_a_day=3)[0] == "accepted"
    assert store.accept("+12025550103", most_a_day=3)[0] == "full"


def test_what_is_not_accepted_anew_counts_nothing_that_day(store: Store) -> None:
    store.accept("+12025550100", task_id="same", key="k", most_a_day=2)
    store.accept("+12025550100", task_id="same", key="k", most_a_day=2)
    store.accept("+12025550100", key="k", most_a_day=2)
    store.accept("+12025550100", due_ms=store.now_ms() - 1, most_a_day=2)

    assert store.accept("+12025550100", most_a_day=2)[0] == "accepted"


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1000])
def test_every_number_of_a_campaign_is_kept_in_order(store: Store, count: int) -> None:
    numbers = [f"+1202{index:07d}" for index in range(count)]
    campaign = store.campaign(*numbers)

    assert store.redis.lrange(f"{keys.PREFIX}numbers:{campaign}", 0, -1) == numbers


def test_the_estimate_grows_by_the_pace_for_each_call_ahead(paced: Store) -> None:
    starts = [int(paced.accept("+12025550100")[3]) for _ in range(4)]
    gaps = [later - earlier for earlier, later in pairwise(starts)]

    assert all(1900 <= gap <= 2100 for gap in gaps)


def test_only_one_wake_up_is_asked_for_while_one_is_under_way(store: Store) -> None:
    wakes = [store.accept("+12025550100")[4] for _ in range(5)]

    assert wakes == ["1", "0", "0", "0", "0"]
