"""Redis's clock was set back, or a failover led to a host that is behind: what is judged by instants is judged anew."""

import pytest

from schemas import keys
from schemas.scripts.begin import Wait
from schemas.scripts.cancel import ALL, forget_number
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store
from tests.scripts.test_hold import held, in_doubt_in_a_row, probe_call, read, refused_in_a_row
from tests.scripts.test_outcome import ACCOUNT, AMBIGUOUS, DOUBT, LATER

HOUR = 3600


@pytest.fixture
def set_back(store: Store) -> Store:
    """Twilio took a call, and then the clock was set back by an hour."""
    store.ledger.clock("beat")
    store.placed("+12025550199", sid="CA9")
    store.pass_time(-HOUR)
    store.ledger.clock("beat")
    return store


def test_a_refused_account_is_held(set_back: Store) -> None:
    set_back.outcome(set_back.dialling(), ACCOUNT)

    assert held(set_back)["kind"] == "account"


def test_an_outage_is_held(set_back: Store) -> None:
    in_doubt_in_a_row(set_back, 3)

    assert held(set_back)["kind"] == "unknown"


def test_ambiguous_refusals_in_a_row_are_held(set_back: Store) -> None:
    refused_in_a_row(set_back, 5)

    assert held(set_back)["kind"] == "ambiguous"


def test_no_refusal_is_final_for_what_was_taken_before(set_back: Store) -> None:
    call = set_back.dialling()
    set_back.outcome(call, AMBIGUOUS)
    for _ in range(2):
        set_back.pass_time(61)
        assert set_back.ledger.admit(50) == [call]
        set_back.ledger.begin(call, "again")
        set_back.outcome(call, AMBIGUOUS)

    assert set_back.state(call) == "waiting"


def test_a_hold_ends_with_the_probe_that_is_taken(store: Store) -> None:
    store.ledger.clock("beat")
    store.outcome(store.dialling(), ACCOUNT)
    store.pass_time(-HOUR)
    store.ledger.clock("beat")
    store.call("+12025550101")
    read(store, passed=True)
    store.outcome(probe_call(store), placed("CA1", "queued", 60))

    assert held(store) == {}


def test_an_acceptance_ends_the_streak_that_began_before(store: Store) -> None:
    store.ledger.clock("beat")
    refused_in_a_row(store, 4)
    store.pass_time(-HOUR)
    store.ledger.clock("beat")
    store.placed("+12025550199", sid="CA9")
    store.pass_time(1)
    refused_in_a_row(store, 1, first=10)

    assert held(store) == {}


def test_a_request_that_left_before_says_nothing_of_later_ones(store: Store) -> None:
    store.ledger.clock("beat")
    call = store.dialling("+12025550199")
    store.pass_time(-HOUR)
    store.ledger.clock("beat")
    store.outcome(call, placed("CA9", "queued", 60))
    in_doubt_in_a_row(store, 2)
    store.outcome(store.dialling("+12025550100"), DOUBT)

    assert held(store)["kind"] == "unknown"


def turned(store: Store) -> None:
    """The clock is set back by an hour, and what follows from that is done."""
    store.ledger.clock("beat")
    store.pass_time(-HOUR)
    for _ in range(4):
        store.ledger.clock("beat")
    assert list(store.redis.scan_iter(keys.PREFIX + "turned*")) == []


def test_a_call_that_was_due_goes_at_once(store: Store) -> None:
    call = store.call()
    turned(store)

    assert store.ledger.admit(50) == [call]


def test_a_call_is_due_so_long_after_it_was_accepted(store: Store) -> None:
    call = store.call(delay_ms=600_000)
    turned(store)
    assert store.ledger.admit(50) == []
    store.pass_time(601)

    assert store.ledger.admit(50) == [call]


def test_a_call_that_was_refused_for_the_account_is_due_as_before(store: Store) -> None:
    call = store.dialling()
    turned(store)
    store.outcome(call, LATER)

    assert store.ledger.admit(50) == [call]


def test_a_scheduled_call_goes_at_its_time(store: Store) -> None:
    call = store.call(due_ms=store.now_ms() + 600_000)
    store.redis.hset(keys.task(call), "kind", "scheduled")
    store.ledger.clock("beat")
    store.pass_time(-HOUR)  # when it is due lies an hour further ahead, by the test's clock
    for _ in range(4):
        store.ledger.clock("beat")
    store.pass_time(601)
    assert store.ledger.admit(50) == []
    store.pass_time(HOUR)

    assert store.ledger.admit(50) == [call]


def test_a_call_that_was_cancelled_meanwhile_comes_into_no_line(store: Store) -> None:
    call = store.call()
    store.redis.zadd(keys.PREFIX + "turned:line:c:2:", {call: store.now_ms()})
    store.redis.hset(keys.PREFIX + "turned", "line:c:2:", HOUR * 1000)
    store.cancel(call)
    store.ledger.clock("beat")

    assert not store.redis.exists(keys.PREFIX + "line:c:2:", keys.PREFIX + "turned")


def test_what_is_scheduled_for_later_is_not_looked_at(store: Store) -> None:
    calls = [store.call(due_ms=store.now_ms() + 30 * 86_400_000) for _ in range(3)]
    store.ledger.clock("beat")
    store.pass_time(-HOUR)
    store.redis.delete(*(keys.task(call) for call in calls))  # who looks at them falls over
    before = store.redis.zrange(keys.PREFIX + "line:c:2:", 0, -1, withscores=True)
    for _ in range(4):
        store.ledger.clock("beat")

    assert store.redis.zrange(keys.PREFIX + "line:c:2:", 0, -1, withscores=True) == before


def test_a_call_in_doubt_is_in_doubt_no_longer_for_that(store: Store) -> None:
    call = store.dialling()
    store.pass_time(5)
    store.outcome(call, DOUBT)
    before_ms = store.now_ms()
    turned(store)
    task = store.task(call)

    assert int(task["since_ms"]) <= store.now_ms()
    assert -0.1 <= store.now_ms() / 1000 - 5 - int(task["dialled_ms"]) / 1000 <= store.elapsed_seconds(before_ms) + 0.1


@pytest.mark.parametrize("turn", [True, False], ids=["turned", "at once"])
def test_a_call_takes_no_minutes_back(store: Store, turn: bool) -> None:
    call = store.placed()
    if turn:
        turned(store)
        assert int(store.redis.hget(keys.PREFIX + "talk", "since_ms")) <= store.now_ms()
    else:
        store.pass_time(-HOUR)
    store.callback(call, "completed")

    assert int(store.redis.get(f"{keys.PREFIX}talked:{store.now_ms() // 86_400_000}")) in {0, 1}


def test_a_number_is_forgotten_in_what_was_accepted_before(store: Store) -> None:
    call = store.call("+12025550100")
    assert store.ledger.admit(50) == [call]
    store.ledger.clock("beat")
    store.pass_time(-HOUR)
    store.scripts.run(forget_number("job", "+12025550100", ALL, 30))
    assert isinstance(store.ledger.begin(call, "claim"), Wait)
    while store.ledger.forget_on():
        pass

    assert (store.state(call), store.task(call)["to"]) == ("cancelled", "")


def test_a_number_is_forgotten_without_delay(store: Store) -> None:
    store.placed("+12025550188", sid="CA8")
    store.call()
    store.scripts.run(forget_number("job", "+12025550100", ALL, 30))
    store.ledger.clock("beat")
    store.redis.zincrby(keys.PREFIX + "forgets", HOUR * 1000, "job")
    turned(store)

    assert store.ledger.forget_on()
