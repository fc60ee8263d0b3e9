"""explain.lua and schemas/waiting.py: for each limit that holds a task, the explanation is right."""

import re

from schemas.moment import utc_text
from schemas.states import CallState
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
    assert why(paced, campaign) == f"account pace, next at {at(told.account_free_us)}"
    assert 0.9 < (told.account_free_us - told.now_us) / 1e6 <= 1.02
    assert paced.ledger.admit(50) == []
    paced.pass_time((told.account_free_us - told.now_us) / 1e6)
    assert paced.ledger.admit(50) == [f"{campaign}-1"]


def test_the_single_call_pace_holds_a_call_until_the_instant_that_is_told(paced: Store) -> None:
    alive(paced).call()
    paced.ledger.admit(50)
    call = paced.call()
    told = facts(paced, call)
    assert why(paced, call) == f"single-call pace, next at {at(told.singles_free_us)}"
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
    assert why(alive(store), campaign) == "campaign at 3 of 3 live calls"
    store.ledger.begin(f"{campaign}-1", "attempt")
    store.ledger.settle(f"{campaign}-1", CallState.REJECTED)
    assert why(store, campaign).startswith("campaign's delay, next at 2")
    assert after(store, 2, campaign) == "its turn has come, workers are being told"


def test_a_campaign_waits_for_its_own_delay(store: Store) -> None:
    campaign = alive(store).campaign("+12025550100", "+12025550101", delay_seconds=60)
    store.ledger.admit(50)
    next_us = int(store.task(campaign)["free_us"])
    assert why(store, campaign) == f"campaign's delay, next at {utc_text(-(-next_us // 1000))}"
    assert after(store, 61, campaign) == "its turn has come, workers are being told"


def test_a_call_of_a_campaign_that_waits_again_waits_as_its_campaign_does(store: Store) -> None:
    campaign = alive(store).campaign("+12025550100", "+12025550101", delay_seconds=60)
    call = store.ledger.admit(50)[0]
    store.ledger.settle(call, CallState.WAITING, origins=frozenset({CallState.DISPATCHED}))
    assert why(store, call).startswith("campaign's delay, next at 2")
    assert why(store, call) == why(store, campaign)


def test_every_slot_of_the_account_is_taken(store: Store) -> None:
    capped = alive(Store(store.redis, 1000, 60_000, most_live=2))
    for _ in range(2):
        capped.call()
    capped.ledger.admit(50)
    capped.pass_time(1)
    assert why(alive(capped), capped.call()) == "MAX_LIVE_CALLS: 2 of 2 calls are live"


def test_a_call_waits_behind_those_that_go_first(paced: Store) -> None:
    alive(paced)
    ids = [paced.call(rank=rank) for rank in (2, 2, 3, 1)]
    assert [why(paced, call) for call in ids] == [
        "behind 1 call in line",
        "behind 2 calls in line",
        "behind 3 calls in line",
        "its turn has come, workers are being told",
    ]
    paced.ledger.admit(50)
    assert re.fullmatch(r"behind 1 call in line; single-call pace, next at 2\S+Z", why(paced, ids[1]))


def test_single_calls_and_campaigns_wait_behind_each_other(paced: Store) -> None:
    alive(paced).campaign("+12025550100")
    call = paced.call()
    campaign = paced.campaign("+12025550101")
    assert why(paced, call) == "behind 1 call in line"
    assert why(paced, campaign) == "behind 2 calls in line"


def test_a_campaign_does_not_wait_behind_calls_that_their_own_pace_holds(paced: Store) -> None:
    for _ in range(2):
        alive(paced).call()
    paced.ledger.admit(50)
    campaign = paced.campaign("+12025550100")
    paced.pass_time(1.03)
    assert why(alive(paced), campaign) == "its turn has come, workers are being told"
    assert paced.ledger.admit(50) == [f"{campaign}-1"]
