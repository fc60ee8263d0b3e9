"""figures.lua: what /metrics tells about the queue."""

from schemas import keys
from schemas.scripts import source
from schemas.states import CallState
from tests.scripts.conftest import Store


def _figures(store: Store) -> dict[str, int]:
    names = ("due", "later", "live", "next_us", "relays", "workers", "beats", "halted")
    answer = store.redis.register_script(source("figures"))(keys=[keys.PREFIX], args=[10_000, 5_000])
    return dict(zip(names, map(int, answer), strict=True))


def test_an_empty_store_shows_zeros_and_stays_empty(store: Store) -> None:
    assert set(_figures(store).values()) == {0}
    assert store.redis.dbsize() == 0


def test_calls_are_counted_as_due_as_due_later_or_as_live(store: Store) -> None:
    store.placed()
    store.call()
    store.campaign("+12025550101", "+12025550102")
    store.call(delay_ms=60_000)
    store.call(delay_ms=1000)
    figures = _figures(store)
    assert (figures["due"], figures["later"], figures["live"]) == (2, 2, 1)
    store.pass_time(1)

    figures = _figures(store)
    assert (figures["due"], figures["later"], figures["live"]) == (3, 1, 1)


def test_the_next_slot_comes_nearer_and_a_pause_puts_it_off(paced: Store) -> None:
    paced.call()
    paced.ledger.admit(50)
    assert 900_000 < _figures(paced)["next_us"] <= 1_020_000
    paced.pass_time(3)
    assert _figures(paced)["next_us"] == 0
    call = paced.dialling()
    paced.ledger.settle(call, CallState.WAITING, pause_seconds=7)

    assert 6_900_000 < _figures(paced)["next_us"] <= 7_000_000


def test_only_fresh_pulses_count(store: Store) -> None:
    store.ledger.pulse("host/1")
    store.ledger.clock("host/2")
    assert (_figures(store)["workers"], _figures(store)["beats"]) == (1, 1)
    store.pass_time(6)
    assert (_figures(store)["workers"], _figures(store)["beats"]) == (1, 0)
    store.pass_time(5)

    assert (_figures(store)["workers"], _figures(store)["beats"]) == (0, 0)


def test_a_halted_account_and_news_for_clients_are_shown(store: Store) -> None:
    store.ledger.halt("Account is not active")
    store.redis.zadd(keys.PREFIX + "relays", {"call": 1})
    figures = _figures(store)

    assert (figures["halted"], figures["relays"]) == (1, 1)
