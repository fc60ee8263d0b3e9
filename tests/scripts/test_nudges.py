"""Which scripts wake a sleeping beat: those after which it has to look sooner than it would, and no others."""

from collections.abc import Callable

import pytest

from schemas import keys
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store

_SECOND_MS = 1000


def _nudges(store: Store, deed: Callable[[], object]) -> bool:
    """Whether it wakes a beat."""
    with store.redis.pubsub() as channel:
        channel.subscribe(keys.NUDGE)
        assert channel.get_message(timeout=5)["type"] == "subscribe"
        deed()
        store.redis.publish(keys.NUDGE, "behind it")
        return bool(channel.get_message(timeout=5)["data"] != "behind it")


def test_an_admission_wakes_a_beat_for_what_it_leaves(paced: Store) -> None:
    paced.call()
    paced.call()

    assert _nudges(paced, lambda: paced.ledger.admit(50))


def test_an_admission_that_leaves_nothing_to_do_soon_wakes_none(store: Store) -> None:
    store.call()
    store.call(delay_ms=3600 * _SECOND_MS)

    assert not _nudges(store, lambda: store.ledger.admit(50))


def test_an_admission_of_what_may_not_go_wakes_a_beat_that_knows_when_it_may(store: Store) -> None:
    store.call()
    store.hold("Account is not active")

    assert _nudges(store, lambda: store.ledger.admit(50))


@pytest.mark.parametrize("waits", ["a call", "a campaign's number"])
def test_the_end_of_a_call_wakes_a_beat_for_what_waits_for_its_place(store: Store, waits: str) -> None:
    capped = Store(store.redis, 1000, 60_000, most_live=1)
    call = capped.placed()
    if waits == "a call":
        capped.call("+12025550101")
    else:
        capped.campaign("+12025550101")
    assert capped.ledger.admit(50) == []

    assert _nudges(capped, lambda: capped.callback(call, "completed"))
    assert capped.ledger.clock("beat").dispatch


def test_the_end_of_a_campaigns_call_wakes_a_beat_for_the_next(store: Store) -> None:
    store.campaign("+12025550100", "+12025550101", max_live=1)
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, placed("CA1", "queued", 60))

    assert _nudges(store, lambda: store.callback(call, "completed"))


def test_the_end_of_a_call_wakes_none_while_nothing_may_go_soon(store: Store) -> None:
    call = store.placed()
    store.call(delay_ms=3600 * _SECOND_MS)

    assert not _nudges(store, lambda: store.callback(call, "completed"))


def test_a_call_that_comes_to_wait_again_wakes_a_beat(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)

    assert _nudges(store, lambda: store.ledger.put_back(call))


def test_only_a_call_that_goes_before_all_others_of_its_line_wakes_a_beat(store: Store) -> None:
    def accepts(delay_seconds: int) -> bool:
        return _nudges(store, lambda: store.call(delay_ms=delay_seconds * _SECOND_MS))

    assert [accepts(seconds) for seconds in (3600, 7200, 5, 60)] == [True, False, True, False]
