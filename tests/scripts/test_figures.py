"""figures.lua: what /metrics tells about the queue."""

from schemas import keys
from schemas.scripts.gauges import Figures, figures
from schemas.scripts.outcome import later
from tests.scripts.conftest import Store


def _figures(store: Store) -> Figures:
    return store.scripts.run(figures())


def test_an_empty_store_shows_zeros_and_stays_empty(store: Store) -> None:
    assert _figures(store) == Figures(0, 0, 0, 0, 0, workers=0, beats=0, held=False)
    assert store.redis.dbsize() == 0


def test_calls_are_counted_as_due_as_due_later_or_as_live(store: Store) -> None:
    store.placed()
    store.call()
    store.campaign("+12025550101", "+12025550102")
    store.call(delay_ms=60_000)
    store.call(delay_ms=1000)
    found = _figures(store)
    assert (found.waiting_due, found.waiting_later, found.live) == (2, 2, 1)
    store.pass_time(1)

    found = _figures(store)
    assert (found.waiting_due, found.waiting_later, found.live) == (3, 1, 1)


def test_the_next_slot_comes_nearer_and_a_pause_puts_it_off(paced: Store) -> None:
    paced.call()
    paced.ledger.admit(50)
    assert 0 < _figures(paced).next_slot_seconds <= 1.02
    paced.pass_time(3)
    assert _figures(paced).next_slot_seconds == 0
    call = paced.dialling()
    paced.outcome(call, later(7))

    assert 2 < _figures(paced).next_slot_seconds <= 7


def test_only_fresh_pulses_count(store: Store) -> None:
    store.ledger.pulse("host/1")
    store.ledger.clock("host/2")
    assert (_figures(store).workers, _figures(store).beats) == (1, 1)
    store.pass_time(6)
    assert (_figures(store).workers, _figures(store).beats) == (1, 0)
    store.pass_time(5)

    assert (_figures(store).workers, _figures(store).beats) == (0, 0)


def test_a_held_account_and_news_for_clients_are_shown(store: Store) -> None:
    store.hold("Account is not active")
    store.redis.sadd(keys.PREFIX + "untold", "call")
    found = _figures(store)

    assert (found.held, found.relay_backlog) == (True, 1)


def test_every_call_that_is_over_is_counted_by_its_outcome(store: Store) -> None:
    store.callback(store.placed(sid="CA1"), "completed")
    store.callback(store.placed(sid="CA2"), "no-answer")
    store.cancel(store.call())
    store.cancel(store.campaign("+12025550101", "+12025550102"))
    assert _figures(store).ended == {"completed": 1, "no_answer": 1, "canceled": 3}
