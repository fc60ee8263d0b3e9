"""Whose news it is: by attempt, numbers and SID, and for nobody else."""

import pytest

from schemas import keys
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import later
from tests.scripts.conftest import Store


@pytest.mark.parametrize(
    "told",
    [
        {"to": "+12025550199"},
        {"from_number": "+12025550199"},
        {"from_number": ""},
        {"attempt_number": 2},
        {"attempt_number": 0},
    ],
    ids=str,
)
def test_a_post_about_other_numbers_or_another_attempt_binds_no_sid(store: Store, told: dict[str, object]) -> None:
    call = store.dialling()
    before = store.task(call)

    assert store.callback(call, "completed", sid="CA1", **told).verdict in {"foreign", "moved"}
    assert store.task(call) == before
    assert not store.redis.exists(keys.sid("CA1"))


def test_a_post_without_a_from_binds_no_sid_to_a_record_without_one(store: Store) -> None:
    call = store.dialling()
    store.redis.hdel(keys.task(call), "from")

    assert store.callback(call, "ringing", sid="CA1", from_number="").verdict == "foreign"


def test_a_post_about_another_sid_says_nothing_of_a_call_whose_sid_is_known(store: Store) -> None:
    call = store.placed(sid="CA1")
    before = store.task(call)

    assert store.callback(call, "completed", sid="CA2").verdict == "foreign"
    assert store.task(call) == before


def test_a_sid_that_another_call_has_is_taken(store: Store) -> None:
    store.placed("+12025550101", sid="CA1")
    store.pass_time(1)
    call = store.dialling()

    assert store.callback(call, "ringing", sid="CA1").verdict == "taken"
    assert store.state(call) == "dialling"


def test_a_late_post_of_an_earlier_attempt_is_not_about_the_present_one(store: Store) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "attempt_number", "2")
    store.redis.set(keys.sid("CA1"), call)

    assert store.callback(call, "completed", sid="CA1").verdict == "moved"
    assert store.callback(call, "completed", sid="CA1", attempt_number=2).verdict == "taken"
    assert store.callback(call, "ringing", sid="CA2", attempt_number=2).verdict == "done"


def test_a_call_that_waits_again_hears_nothing(store: Store) -> None:
    call = store.dialling()
    store.outcome(call, later(0))

    assert store.callback(call, "completed", sid="CA1").verdict == "moved"
    assert store.state(call) == "waiting"


def test_a_fetch_says_nothing_of_a_call_whose_sid_is_another(store: Store) -> None:
    call = store.placed(sid="CA1")

    assert (
        store.ledger.record_news(call, Report(Source.FETCH, "CA2", {"call_status": "completed"})).verdict == "foreign"
    )
    assert store.state(call) == "placed"


def test_news_of_a_vanished_record_leaves_nothing_of_it(store: Store) -> None:
    call = store.placed()
    store.redis.delete(keys.task(call))

    assert store.ledger.record_news(call, Report(Source.CALLBACK, "CA1", {"call_status": "ringing"})).verdict == "gone"
    assert not store.redis.sismember(keys.PREFIX + "live", call)
    assert store.score("checks", call) is None
