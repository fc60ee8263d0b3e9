"""admit.lua: which calls may go now, and when exactly."""

from itertools import pairwise

from schemas import keys
from schemas.lua.facts import HORIZON_US
from schemas.scripts.begin import Go
from schemas.scripts.outcome import later, refused
from tests.scripts.clockwork import clockwork
from tests.scripts.conftest import Store


def _slots(store: Store, ids: list[str]) -> list[int]:
    return sorted(int(store.task(call_id)["slot_us"]) for call_id in ids)


def test_at_one_call_a_second_one_call_is_admitted(paced: Store) -> None:
    first, second = paced.campaign("+12025550100"), paced.campaign("+12025550101")

    assert paced.ledger.admit(50) == [f"{first}-1"]
    assert paced.ledger.admit(50) == []
    paced.pass_time(1.03)
    assert paced.ledger.admit(50) == [f"{second}-1"]


def test_slots_are_spaced_by_the_account_pace(store: Store) -> None:
    for _ in range(20):
        store.call()
    admitted = store.ledger.admit(50)

    assert len(admitted) >= 20
    gaps = [later - earlier for earlier, later in pairwise(_slots(store, admitted))]
    assert min(gaps) >= 1000


def test_a_slot_comes_an_interval_after_the_one_before_also_when_that_call_has_left(store: Store) -> None:
    tenth = Store(store.redis, 10, 60_000, 1000)
    store.redis.hset("clock", mapping=dict(zip(("seconds", "microseconds"), store.redis.time(), strict=True)))
    with clockwork():  # at one instant, however slow this machine is
        first, second = tenth.dialling(), tenth.call("+12025550101")
        tenth.pass_time(0.05)
        assert tenth.ledger.admit(50) == [second]

    earlier, later = _slots(tenth, [first, second])
    assert later - earlier >= 100_000


def test_no_slot_lies_beyond_the_horizon(store: Store) -> None:
    for _ in range(150):
        store.call()
    admitted = store.ledger.admit(1000)

    assert 1 <= len(admitted) <= HORIZON_US / 1000 + 10
    assert _slots(store, admitted)[-1] <= store.now_ms() * 1000 + 1000 + HORIZON_US


def test_a_single_call_takes_a_token_of_both_paces(paced: Store) -> None:
    paced.call()
    paced.call()
    assert len(paced.ledger.admit(50)) == 1
    paced.pass_time(1.03)
    assert paced.ledger.admit(50) == []
    paced.pass_time(1)
    assert len(paced.ledger.admit(50)) == 1


def test_a_campaign_goes_on_while_single_calls_are_held_by_their_own_pace(paced: Store) -> None:
    paced.call()
    paced.call()
    campaign = paced.campaign("+12025550100")
    paced.ledger.admit(50)
    paced.pass_time(1.03)

    assert paced.ledger.admit(50) == [f"{campaign}-1"]


def test_a_refusal_for_the_account_pace_takes_no_single_token(paced: Store) -> None:
    paced.campaign("+12025550100")
    paced.ledger.admit(50)
    call = paced.call()
    assert paced.ledger.admit(50) == []
    paced.pass_time(1.03)

    assert paced.ledger.admit(50) == [call]


def test_no_more_calls_are_live_than_the_account_may_have(store: Store) -> None:
    capped = Store(store.redis, 1000, 60_000, most_live=2)
    ids = [capped.call() for _ in range(4)]
    assert capped.ledger.admit(50) == ids[:2]
    capped.pass_time(1)
    assert capped.ledger.admit(50) == []

    capped.ledger.begin(ids[0], "attempt")
    capped.outcome(ids[0], refused("number", "no", by_twilio=True))
    assert capped.ledger.admit(50) == ids[2:3]


def test_a_campaign_never_has_more_calls_live_than_it_may(store: Store) -> None:
    campaign = store.campaign(*(f"+1202555010{index}" for index in range(5)), max_live=2)
    admitted = []
    for _ in range(5):
        admitted += store.ledger.admit(50)
        store.pass_time(2)
    assert admitted == [f"{campaign}-1", f"{campaign}-2"]

    store.ledger.begin(admitted[0], "attempt")
    store.outcome(admitted[0], refused("number", "no", by_twilio=True))
    store.pass_time(1.1)
    assert store.ledger.admit(50) == [f"{campaign}-3"]


def test_two_calls_of_a_campaign_are_never_closer_than_its_delay(store: Store) -> None:
    store.campaign("+12025550100", "+12025550101", delay_seconds=5)
    assert len(store.ledger.admit(50)) == 1
    store.pass_time(4)
    assert store.ledger.admit(50) == []
    store.pass_time(1.2)
    assert len(store.ledger.admit(50)) == 1


def test_higher_priority_goes_first_and_equal_ones_in_order(store: Store) -> None:
    low, normal, other, high = (store.call(rank=rank) for rank in (3, 2, 2, 1))
    admitted = store.ledger.admit(50)

    assert sorted(admitted, key=lambda call: int(store.task(call)["slot_us"])) == [high, normal, other, low]


def test_calls_and_campaigns_go_by_rank_and_then_in_order_of_arrival(store: Store) -> None:
    first = store.call()
    campaign = store.campaign("+12025550100")
    last = store.call()
    urgent = store.campaign("+12025550101", rank=1)

    assert store.ledger.admit(50) == [f"{urgent}-1", first, f"{campaign}-1", last]


def test_a_large_campaign_does_not_hold_up_another(store: Store) -> None:
    large = store.campaign(*(f"+1303{index:07d}" for index in range(100)))
    small = store.campaign("+12025550100")

    assert store.ledger.admit(50) == [f"{large}-1", f"{small}-1"]


def test_a_call_due_later_is_admitted_when_it_is_due(store: Store) -> None:
    call = store.call(delay_ms=3000)
    assert store.ledger.admit(50) == []
    store.pass_time(2.5)
    assert store.ledger.admit(50) == []
    store.pass_time(0.5)
    assert store.ledger.admit(50) == [call]


def test_what_becomes_due_goes_in_order_and_a_lost_record_holds_up_none(store: Store) -> None:
    last, first, lost = (store.call(delay_ms=delay_ms) for delay_ms in (1020, 1000, 1010))
    store.redis.delete(keys.task(lost))
    store.pass_time(2)

    assert store.ledger.admit(50) == [first, last]
    assert store.redis.zcard(f"{keys.PREFIX}later") == 0


def test_an_admitted_call_is_checked_later_in_case_its_message_is_lost(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)

    assert store.score("stuck", call) is not None
    assert store.redis.sismember(keys.PREFIX + "live", call)


def test_nothing_is_admitted_while_the_account_is_paused(store: Store) -> None:
    first = store.dialling()
    second = store.call("+12025550101")
    store.outcome(first, later(5))
    assert store.ledger.admit(50) == []
    store.pass_time(5)
    assert store.ledger.admit(50) == [first, second]


def test_no_more_is_handed_to_workers_that_are_far_behind(store: Store) -> None:
    admitted = []
    for index in range(25):
        store.call(f"+120255501{index:02d}")
        admitted += store.ledger.admit(50)
    store.pass_time(3)
    waiting = store.call("+12025550199")

    assert len(admitted) == 25
    assert store.ledger.admit(50) == []
    wakes = store.ledger.clock("beat")
    assert not wakes.dispatch
    assert 0.2 < wakes.sleep_seconds <= 0.25

    for call in admitted[:6]:
        assert isinstance(store.ledger.begin(call, "attempt"), Go)
    store.pass_time(1)
    assert store.ledger.admit(50) == [waiting]


def test_slots_of_records_that_nobody_can_use_hold_nobody_up_for_ever(store: Store) -> None:
    for index in range(20):
        store.call(f"+120255501{index:02d}")
        damaged = store.ledger.admit(50)
        store.redis.delete(*map(keys.task, damaged))
    store.pass_time(3)
    waiting = store.call("+12025550199")
    assert store.ledger.admit(50) == []
    store.pass_time(60)

    assert store.ledger.admit(50) == [waiting]
    store.ledger.begin(waiting, "attempt")
    assert store.redis.zcard(f"{keys.PREFIX}slots:account") == 0
