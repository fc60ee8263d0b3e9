"""Campaigns of versions that kept only the numbers not yet dialled: they get rows, and are dialled to their end."""

import pytest

from schemas import keys
from schemas.scripts.begin import Go
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store

NUMBERS = [f"+120255501{index:02d}" for index in range(5)]


def as_before(store: Store, campaign: str) -> None:
    """The campaign as such a version left it."""
    rows, task = store.redis.lrange(keys.rows(campaign), 0, -1), store.task(campaign)
    dialled = int(task["next"])
    store.redis.delete(keys.rows(campaign), keys.marks(campaign), keys.PREFIX + "campaigns")
    store.redis.hdel(keys.task(campaign), "next")
    if dialled:
        store.redis.hset(keys.task(campaign), "dialled", dialled)
    if rows[dialled:]:
        store.redis.rpush(keys.numbers(campaign), *(f"+{row}" for row in rows[dialled:]))


def end(store: Store, call: str, status: str, sid: str) -> None:
    assert isinstance(store.ledger.begin(call, f"claim of {call}"), Go)
    store.outcome(call, placed(sid, "queued", 60))
    store.callback(call, status)


def test_it_is_moved_at_the_first_touch_and_dialled_on_in_the_order_given(store: Store) -> None:
    campaign = store.campaign(*NUMBERS, max_live=1)
    (first,) = store.ledger.admit(50)
    end(store, first, "busy", "CA1")
    store.pass_time(2)
    as_before(store, campaign)

    called = []
    for place in range(4):
        (call,) = store.ledger.admit(50)
        called.append(store.task(call)["to"])
        end(store, call, "completed", f"CB{place}")
        store.pass_time(2)
    assert called == NUMBERS[1:]
    assert store.redis.lrange(keys.rows(campaign), 0, -1) == [number[1:] for number in NUMBERS]
    assert store.redis.get(keys.marks(campaign)) == "baaaa"
    assert store.state(campaign) == "finished"
    assert not store.redis.exists(keys.numbers(campaign))


def test_numbers_that_were_forgotten_and_calls_that_wait_again_keep_their_places(store: Store) -> None:
    campaign = store.campaign(*NUMBERS, max_live=1)
    (first,) = store.ledger.admit(50)
    as_before(store, campaign)
    store.ledger.put_back(first)
    store.redis.zrem(f"{keys.PREFIX}again:{campaign}", first)
    store.redis.delete(keys.rows(campaign), keys.marks(campaign))
    store.redis.rpush(keys.numbers(campaign), first, "", *NUMBERS[2:])
    store.redis.hset(keys.task(campaign), mapping={"canceled": 1, "blanks": 1})
    store.pass_time(2)

    assert store.ledger.admit(50) == [first]
    assert store.redis.get(keys.marks(campaign)) == "dcwww"


@pytest.mark.parametrize("touch", ["cancel", "pause", "one"])
def test_a_cancel_of_it_counts_every_number_once(store: Store, touch: str) -> None:
    campaign = store.campaign(*NUMBERS, max_live=1)
    store.ledger.admit(50)
    as_before(store, campaign)
    if touch == "one":
        assert store.cancel(f"{campaign}-1").done
        assert store.redis.get(keys.marks(campaign)) == "cwwww"
    assert store.cancel(campaign).done
    task = store.task(campaign)
    assert (task["canceled"], task["live"], store.redis.get(keys.marks(campaign))) == ("5", "0", "ccccc")


def test_a_campaign_that_an_older_process_took_out_of_its_line_and_did_not_mark_is_healed(store: Store) -> None:
    campaign = store.campaign(*NUMBERS, max_live=1)
    (call,) = store.ledger.admit(50)
    end(store, call, "completed", "CA1")
    store.redis.setrange(keys.marks(campaign), 0, "l")
    store.redis.delete(f"{keys.PREFIX}line:b:2:", keys.PREFIX + "lines")
    store.pass_time(31)
    assert store.ledger.admit(50) == []
    store.ledger.clock("beat")
    assert store.redis.get(keys.marks(campaign)) == "awwww"
    assert store.ledger.admit(50) == [f"{campaign}-2"]
