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
    store.callback(call, "no-answer", attempt_number=int(store.task(call).get("attempt_number", 1)))


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


def test_an_attempt_that_follows_by_itself_waits_for_the_next_day_while_this_one_is_full(capped: Store) -> None:
    capped.limits = replace(capped.limits, most_calls_per_number=0, most_calls_per_day=2)
    capped.ledger = Ledger(capped.redis, capped.limits, 30, 30)
    again = {"retry_most": 3, "retry_marks": "n", "retry_seconds": 1}
    call = capped.call(NUMBER, most_a_day=2, **again)
    for sid in ("CA1", "CA2"):  # the second one takes the day's last place
        assert isinstance(begin(capped, call), Go)
        end(capped, call, sid)
    assert begin(capped, call) == Capped()
    assert capped.ledger.cap(call)
    assert (capped.state(call), waits_for(facts(capped, call), capped.limits)) == ("waiting", "cap")
    assert "MAX_CALLS_PER_DAY=2: this UTC day is full, the next begins at " in why(capped, call)
    assert int(capped.task(call)["capped_ms"]) % (DAY * 1000) == 0
    assert capped.accept("+12025550101", most_a_day=2).verdict == "full"


def test_an_attempt_counts_once_for_the_day_though_twilio_did_not_process_it(capped: Store) -> None:
    capped.limits = replace(capped.limits, most_calls_per_number=0, most_calls_per_day=9)
    capped.ledger = Ledger(capped.redis, capped.limits, 30, 30)
    call = capped.call(NUMBER, most_a_day=9, retry_most=2, retry_marks="n", retry_seconds=1)
    assert isinstance(begin(capped, call), Go)
    end(capped, call, "CA1")
    for _ in range(3):
        assert isinstance(begin(capped, call), Go)
        capped.outcome(call, later(0.001))
    assert [capped.redis.get(day) for day in capped.redis.scan_iter(f"{keys.PREFIX}day:*")] == ["2"]


def test_without_the_setting_nothing_is_kept_of_a_number(store: Store) -> None:
    store.dialling(NUMBER)
    assert list(store.redis.scan_iter(f"{keys.PREFIX}called:*")) == []
