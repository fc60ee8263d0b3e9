"""MAX_CALLS_PER_NUMBER_PER_DAY: a number is called only so often within any 24 hours, for each client by itself."""

from dataclasses import replace

import pytest
from redis import Redis

from schemas import keys
from schemas.scripts.begin import Capped, Go
from schemas.scripts.outcome import later, placed
from tests.scripts.conftest import Store
from tests.scripts.explaining import facts, waits_for, why
from worker.ledger import Ledger

NUMBER, DAY = "+12025550100", 86_400


@pytest.fixture
def capped(redis: "Redis") -> Store:
    """Two attempts at a number in a day."""
    store = Store(redis, 1000, 60_000, 1000)
    store.limits = replace(store.limits, most_calls_per_number=2)
    store.ledger = Ledger(redis, store.limits, 30, 30)
    return store


def begin(store: Store, call: str) -> object:
    store.pass_time(3)
    assert store.ledger.admit(50) == [call]
    return store.ledger.begin(call, f"claim of {call}")


def end(store: Store, call: str, sid: str) -> None:
    store.outcome(call, placed(sid, "queued", 60))
    store.callback(call, "no-answer")


def test_what_is_more_than_a_number_may_be_called_waits_until_it_may_again(capped: Store) -> None:
    for sid in ("CA1", "CA2"):
        call = capped.call(NUMBER)
        assert isinstance(begin(capped, call), Go)
        end(capped, call, sid)
    third = capped.call(NUMBER)
    assert begin(capped, third) == Capped()
    assert capped.ledger.cap(third)
    assert capped.state(third) == "waiting"
    assert waits_for(facts(capped, third), capped.limits) == "cap"
    assert "MAX_CALLS_PER_NUMBER_PER_DAY=2: this number may be called again at " in why(capped, third)
    assert capped.ledger.admit(50) == []
    again = int(capped.task(third)["capped_ms"]) - capped.now_ms()
    assert DAY - 60 < again / 1000 <= DAY


def test_others_numbers_and_other_clients_are_not_held_up(capped: Store) -> None:
    for sid in ("CA1", "CA2"):
        call = capped.call(NUMBER, client="alice")
        assert isinstance(begin(capped, call), Go)
        end(capped, call, sid)
    for number, client in ((NUMBER, "bob"), ("+12025550101", "alice")):
        assert isinstance(begin(capped, capped.call(number, client=client)), Go)
    assert begin(capped, capped.call(NUMBER, client="alice")) == Capped()


def test_what_twilio_surely_did_not_process_counts_once(capped: Store) -> None:
    call = capped.call(NUMBER)
    for _ in range(4):
        assert isinstance(begin(capped, call), Go)
        capped.outcome(call, later(0.001))
    (name,) = capped.redis.scan_iter(f"{keys.PREFIX}called:*")
    assert capped.redis.zcard(name) == 1


def test_a_campaigns_number_waits_too_and_the_others_go_on(capped: Store) -> None:
    for sid in ("CA1", "CA2"):
        call = capped.call(NUMBER)
        assert isinstance(begin(capped, call), Go)
        end(capped, call, sid)
    campaign = capped.campaign(NUMBER, "+12025550101", delay_seconds=1)
    capped.pass_time(3)
    (first,) = capped.ledger.admit(1)
    assert capped.ledger.begin(first, "one") == Capped()
    assert capped.ledger.cap(first)
    capped.pass_time(3)
    (second,) = capped.ledger.admit(1)
    assert (second, type(capped.ledger.begin(second, "two"))) == (f"{campaign}-2", Go)


def test_without_the_setting_nothing_is_kept_of_a_number(store: Store) -> None:
    store.dialling(NUMBER)
    assert list(store.redis.scan_iter(f"{keys.PREFIX}called:*")) == []
