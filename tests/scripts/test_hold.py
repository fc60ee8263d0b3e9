"""Holds: what is not about a number holds every call, fails none, and goes on by itself."""

from schemas import keys
from schemas.scripts.outcome import later, placed
from tests.scripts.conftest import Store
from tests.scripts.test_outcome import ACCOUNT, AMBIGUOUS, DOUBT, NUMBER


def held(store: Store) -> dict[str, str]:
    return dict(store.redis.hgetall(keys.PREFIX + "hold"))


def probe_seconds(store: Store) -> float:
    """Until the next probe."""
    return (int(held(store)["probe_ms"]) - store.now_ms()) / 1000


def read(store: Store, *, passed: bool) -> None:
    """The sweep's probe, when it is due."""
    store.pass_time(probe_seconds(store) + 0.01)
    probe = store.ledger.due_check(60).probe
    assert probe
    assert store.ledger.due_check(60).probe == ""
    store.ledger.probed(probe, passed=passed)


def probe_call(store: Store) -> str:
    """The call that goes as a probe, when that is due."""
    store.pass_time(max(0, probe_seconds(store)) + 0.02)
    (call,) = store.ledger.admit(50)
    assert store.ledger.admit(50) == []
    store.pass_time(0.1)
    store.ledger.begin(call, "probe")
    assert store.state(call) == "dialling"
    return call


def refused_in_a_row(store: Store, count: int, *, first: int = 0) -> list[str]:
    """Ambiguous refusals of different numbers."""
    calls = []
    for index in range(first, first + count):
        calls.append(store.dialling(f"+1202555{index:04}"))
        store.outcome(calls[-1], AMBIGUOUS)
        store.pass_time(0.2)
    return calls


def in_doubt_in_a_row(store: Store, count: int) -> None:
    for index in range(count):
        store.outcome(store.dialling(f"+1202556{index:04}"), DOUBT)
        store.pass_time(0.2)


def test_a_call_refused_for_the_account_is_the_next_probe_once_a_read_passes(store: Store) -> None:
    call = store.dialling()
    other = store.call("+12025550101")
    assert store.outcome(call, ACCOUNT).state == "waiting"
    assert (held(store)["kind"], held(store)["stage"], held(store)["reason"]) == ("account", "read", ACCOUNT.words[0])
    assert store.ledger.admit(50) == []
    read(store, passed=True)
    assert probe_call(store) == call
    store.outcome(call, placed("CA1", "queued", 60))

    assert held(store) == {}
    assert store.ledger.admit(50) == [other]


def test_while_posts_are_refused_and_reads_pass_probes_become_rare_and_nothing_is_lost(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, ACCOUNT)
    gaps = []
    for _ in range(8):
        gaps.append(probe_seconds(store))
        read(store, passed=True)
        store.pass_time(2)
        store.outcome(probe_call(store), ACCOUNT)

    assert [round(gap * 2) for gap in gaps] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert store.state(campaign) == "active"
    assert store.state(call) == "waiting"
    assert "failed" not in store.task(campaign)


def test_each_read_that_fails_doubles_the_gap_to_the_next_up_to_half_a_minute(store: Store) -> None:
    store.outcome(store.dialling(), ACCOUNT)
    gaps = []
    for _ in range(9):
        gaps.append(probe_seconds(store))
        read(store, passed=False)

    assert [round(gap * 2) for gap in gaps] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_probe_whose_result_is_told_twice_counts_once(store: Store) -> None:
    store.outcome(store.dialling(), ACCOUNT)
    store.pass_time(1)
    probe = store.ledger.due_check(60).probe
    for _ in range(2):
        store.ledger.probed(probe, passed=False)
    assert held(store)["probes"] == "1"
    read(store, passed=True)
    before = held(store)
    store.ledger.probed(probe, passed=False)

    assert held(store) == before


def test_a_result_of_an_earlier_hold_says_nothing_about_a_healthy_account(store: Store) -> None:
    store.outcome(store.dialling(), ACCOUNT)
    store.pass_time(1)
    probe = store.ledger.due_check(60).probe
    store.redis.delete(keys.PREFIX + "hold")
    store.ledger.probed(probe, passed=False)

    assert held(store) == {}


def test_a_refusal_that_is_older_than_the_newest_acceptance_holds_nothing(store: Store) -> None:
    slow = store.dialling("+12025550101")
    store.pass_time(0.1)
    store.placed()
    assert store.outcome(slow, ACCOUNT).state == "waiting"

    assert held(store) == {}
    store.pass_time(2)
    assert store.ledger.admit(50) == [slow]


def test_an_acceptance_lifts_a_hold_only_if_its_request_left_after_the_hold_began(store: Store) -> None:
    early, refused_call = store.dialling("+12025550101"), store.dialling("+12025550102")
    store.outcome(refused_call, ACCOUNT)
    store.outcome(early, placed("CA1", "queued", 60))
    assert held(store)["kind"] == "account"
    read(store, passed=True)
    store.outcome(probe_call(store), placed("CA2", "queued", 60))

    assert held(store) == {}


def test_a_probe_that_is_refused_for_its_number_lets_the_next_go_a_second_later(store: Store) -> None:
    refused_in_a_row(store, 5)
    store.outcome(probe_call(store), NUMBER)

    assert held(store)["kind"] == "ambiguous"
    assert -5 < probe_seconds(store) <= 1


def test_a_probe_that_twilio_takes_later_lets_the_next_go_a_second_later(store: Store) -> None:
    refused_in_a_row(store, 5)
    store.outcome(probe_call(store), later(0))

    assert -5 < probe_seconds(store) <= 1


def test_a_probe_that_is_refused_for_the_account_is_followed_by_a_read(store: Store) -> None:
    refused_in_a_row(store, 5)
    store.outcome(probe_call(store), ACCOUNT)

    assert (held(store)["kind"], held(store)["stage"]) == ("account", "read")


def test_what_was_under_way_when_a_hold_began_does_not_move_its_probe(store: Store) -> None:
    late = [store.dialling(f"+1202555000{index}") for index in range(3)]
    store.outcome(store.dialling("+12025550100"), ACCOUNT)
    before = held(store)
    for call, result in zip(late, (ACCOUNT, AMBIGUOUS, DOUBT), strict=True):
        store.outcome(call, result)

    assert held(store) == before


def test_a_probe_that_gets_lost_does_not_hold_for_ever(store: Store) -> None:
    refused_in_a_row(store, 5)
    store.call("+12025550100")
    store.call("+12025550101")
    store.pass_time(31)
    (lost,) = store.ledger.admit(50)
    store.pass_time(11)
    store.ledger.clock("beat")
    assert store.state(lost) == "waiting"

    assert probe_call(store) == lost


def test_a_drain_is_not_ended_by_a_probe_nor_a_hold_by_the_end_of_a_drain(store: Store) -> None:
    store.outcome(store.dialling(), ACCOUNT)
    store.redis.hset(keys.PREFIX + "drain", "since_ms", store.now_ms())
    read(store, passed=True)
    assert store.ledger.admit(50) == []
    store.redis.delete(keys.PREFIX + "drain")

    assert len(store.ledger.admit(50)) == 1
