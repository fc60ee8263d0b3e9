"""explain.lua and schemas/explanation.py: for each limit that holds a task, the explanation is right."""

import re
from datetime import datetime

from schemas.moment import utc_text
from schemas.scripts.holds import drain
from schemas.scripts.outcome import refused
from tests.scripts.conftest import Store
from tests.scripts.explaining import after, alive, at, facts, why


def test_a_delayed_call_is_not_due(store: Store) -> None:
    call = alive(store).call(delay_ms=60_000)
    assert why(store, call) == f"not due before {utc_text(int(store.task(call)['due_ms']))}"
    assert after(store, 60, call) == "its turn has come, workers are being told"
    assert store.ledger.admit(50) == [call]


def test_a_scheduled_call_is_not_due(store: Store) -> None:
    due_ms = store.now_ms() + 86_400_000
    call = alive(store).call(due_ms=due_ms)
    assert why(store, call) == f"not due before {utc_text(due_ms)}"


def test_the_account_pace_holds_a_call_until_the_instant_that_is_told(paced: Store) -> None:
    alive(paced).campaign("+12025550100")
    paced.ledger.admit(50)
    campaign = paced.campaign("+12025550101")
    told = facts(paced, campaign)
    pace = f"CALLS_PER_SECOND=1 lets it go at {at(told.account_free_us)}"
    assert why(paced, campaign) == f"for the pace: it is the next, and {pace}"
    assert 0.9 < (told.account_free_us - told.now_us) / 1e6 <= 1.02
    assert paced.ledger.admit(50) == []
    paced.pass_time((told.account_free_us - told.now_us) / 1e6)
    assert paced.ledger.admit(50) == [f"{campaign}-1"]


def test_the_single_call_pace_holds_a_call_until_the_instant_that_is_told(paced: Store) -> None:
    alive(paced).call()
    paced.ledger.admit(50)
    call = paced.call()
    told = facts(paced, call)
    pace = f"SINGLE_CALLS_PER_MINUTE=30 lets it go at {at(told.singles_free_us)}"
    assert why(paced, call) == f"for the pace: it is the next, and {pace}"
    assert 1.9 < (told.singles_free_us - told.now_us) / 1e6 <= 2.02
    paced.pass_time((told.singles_free_us - told.now_us) / 1e6 - 0.5)
    assert paced.ledger.admit(50) == []
    paced.pass_time(0.5)
    assert paced.ledger.admit(50) == [call]


def test_a_campaign_at_its_cap_waits_for_its_own_calls(store: Store) -> None:
    numbers = [f"+1202555010{index}" for index in range(5)]
    campaign = alive(store).campaign(*numbers, max_live=3)
    for _ in range(3):
        assert len(store.ledger.admit(50)) == 1
        store.pass_time(2)
    assert why(alive(store), campaign) == "max_concurrent_calls=3: 3 calls of the campaign live"
    store.ledger.begin(f"{campaign}-1", "attempt")
    store.outcome(f"{campaign}-1", refused("number", "no", by_twilio=True))
    assert why(store, campaign).startswith("delay_between_calls=1: the campaign's next call goes at 2")
    assert after(store, 2, campaign) == "its turn has come, workers are being told"


def test_a_campaign_waits_for_its_own_delay(store: Store) -> None:
    campaign = alive(store).campaign("+12025550100", "+12025550101", delay_seconds=60)
    store.ledger.admit(50)
    next_us = int(store.task(campaign)["free_us"])
    at_next = utc_text(-(-next_us // 1000))
    assert why(store, campaign) == f"delay_between_calls=60: the campaign's next call goes at {at_next}"
    assert after(store, 61, campaign) == "its turn has come, workers are being told"


def test_a_number_of_a_campaign_is_told_its_own_place_and_time(store: Store) -> None:
    campaign = alive(store).campaign(*(f"+1202555010{index}" for index in range(5)), delay_seconds=60)
    store.ledger.admit(50)
    form = r"delay_between_calls=60: 3 calls of the campaign before it, the next at (\S+Z) and this one about (\S+Z)"
    found = re.fullmatch(form, why(store, f"{campaign}-5"))
    assert found is not None
    following, own = (datetime.fromisoformat(text) for text in found.groups())
    assert 180 <= (own - following).total_seconds() <= 182
    assert following == datetime.fromisoformat(at(-(-int(store.task(campaign)["free_us"]) // 1000) * 1000))
    assert why(store, f"{campaign}-2") == why(store, campaign)


def test_a_call_of_a_campaign_that_waits_again_waits_as_its_campaign_does(store: Store) -> None:
    campaign = alive(store).campaign("+12025550100", "+12025550101", delay_seconds=60)
    call = store.ledger.admit(50)[0]
    store.ledger.put_back(call)
    assert why(store, call).startswith("delay_between_calls=60: the campaign's next call goes at 2")
    assert why(store, call) == why(store, campaign)


def test_while_drained_or_paused_neither_the_delay_nor_the_time_of_a_task_is_named_first(store: Store) -> None:
    campaign = alive(store).campaign("+12025550100", "+12025550101", delay_seconds=60)
    later = store.call(due_ms=store.now_ms() + 86_400_000)
    store.ledger.admit(50)
    store.scripts.run(drain())
    since = utc_text(int(store.redis.hget("tw:drain", "since_ms")))
    drained = f"drained: the operator lets no call go since {since}"
    assert why(store, campaign) == drained
    assert why(store, later) == f"{drained}; it is due at {utc_text(int(store.task(later)['due_ms']))}"
    store.redis.hset(f"tw:task:{campaign}", "paused_reason", "Twilio refused the caller id.")
    assert why(store, campaign) == "the campaign is paused: Twilio refused the caller id"


def test_every_slot_of_the_account_is_taken(store: Store) -> None:
    capped = alive(Store(store.redis, 1000, 60_000, most_live=2))
    for _ in range(2):
        capped.call()
    capped.ledger.admit(50)
    capped.pass_time(1)
    assert why(alive(capped), capped.call()) == "MAX_LIVE_CALLS=2: 2 calls live"


def pace_of(told: str) -> tuple[str, str, str, str] | None:
    """How many go before it, the setting, when the next may go, and about when this one."""
    form = r"for the pace: (\d+) calls? before it, (\S+) lets the next go at (\S+Z) and this one about (\S+Z)"
    found = re.fullmatch(form, told)
    return (found[1], found[2], found[3], found[4]) if found else None


def test_a_call_waits_behind_those_that_go_first_and_is_told_its_own_time(paced: Store) -> None:
    alive(paced)
    ids = [paced.call(rank=rank) for rank in (2, 2, 3, 1)]
    now_us = facts(paced, ids[0]).now_us
    assert why(paced, ids[3]) == "its turn has come, workers are being told"
    for before, call in enumerate(ids[:3], start=1):
        told = pace_of(why(paced, call))
        assert told is not None
        assert told[:2] == (str(before), "CALLS_PER_SECOND=1")
        assert at(now_us) <= told[2] <= at(now_us + 1_000_000)
        assert at(now_us + before * 2_000_000) <= told[3] <= at(now_us + before * 2_100_000 + 1_000_000)


def test_behind_calls_that_wait_for_the_single_pace_it_is_named(paced: Store) -> None:
    ids = [alive(paced).call() for _ in range(3)]
    paced.ledger.admit(50)
    told = pace_of(why(paced, ids[2]))
    free_us = facts(paced, ids[2]).singles_free_us
    assert told == ("1", "SINGLE_CALLS_PER_MINUTE=30", at(free_us), at(free_us + paced.limits.singles.interval_us))


def test_single_calls_and_campaigns_wait_behind_each_other(paced: Store) -> None:
    alive(paced).campaign("+12025550100")
    call = paced.call()
    campaign = paced.campaign("+12025550101")
    assert why(paced, call).startswith("for the pace: 1 call before it, CALLS_PER_SECOND=1 lets the next go at 2")
    assert why(paced, campaign).startswith("for the pace: 2 calls before it, CALLS_PER_SECOND=1 lets the next go at 2")


def test_a_campaign_does_not_wait_behind_calls_that_their_own_pace_holds(paced: Store) -> None:
    for _ in range(2):
        alive(paced).call()
    paced.ledger.admit(50)
    campaign = paced.campaign("+12025550100")
    paced.pass_time(1.03)
    assert why(alive(paced), campaign) == "its turn has come, workers are being told"
    assert paced.ledger.admit(50) == [f"{campaign}-1"]
