"""explain.lua and schemas/waiting.py: for each reason a task can wait, the explanation is right."""

import re

import pytest

from schemas import keys
from schemas.moment import utc_text
from schemas.pulses import BEAT_FRESH_MS, WORKER_FRESH_MS
from schemas.records import CallRecord
from schemas.scripts import source
from schemas.states import CallState
from schemas.waiting import Facts, explain
from tests.scripts.conftest import Store


def facts(store: Store, task_id: str) -> Facts:
    script = store.redis.register_script(source("explain"))
    found = Facts.read(task_id, script(keys=[keys.PREFIX], args=[task_id, WORKER_FRESH_MS, BEAT_FRESH_MS]))
    assert found is not None
    return found


def why(store: Store, task_id: str) -> str:
    return explain(facts(store, task_id), store.limits.max_live_calls)


def alive(store: Store) -> Store:
    """A worker and a beat say that they live."""
    store.ledger.pulse("worker")
    store.ledger.clock("beat")
    return store


def after(store: Store, seconds: float, task_id: str) -> str:
    store.pass_time(seconds)
    return why(alive(store), task_id)


def at(us: int) -> str:
    return utc_text(us // 1000)


def test_a_task_that_is_not_there_has_no_explanation(store: Store) -> None:
    script = store.redis.register_script(source("explain"))
    assert Facts.read("x", script(keys=[keys.PREFIX], args=["x", WORKER_FRESH_MS, BEAT_FRESH_MS])) is None


def test_explaining_changes_nothing(store: Store) -> None:
    call = store.call()
    before = {key: store.redis.dump(key) for key in store.redis.scan_iter()}
    why(store, call)
    assert {key: store.redis.dump(key) for key in store.redis.scan_iter()} == before


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


def test_calls_wait_while_workers_are_far_behind(store: Store) -> None:
    for _ in range(20):
        alive(store).call()
        store.ledger.admit(50)
    store.pass_time(3)
    call = alive(store).call()
    assert store.ledger.admit(50) == []
    assert why(store, call) == "the workers are behind: 20 calls wait for a free one"


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


def test_a_halted_account_says_why_and_when_it_is_probed(store: Store) -> None:
    call = alive(store).call()
    store.ledger.halt("Twilio refused the call: Account is not active (error 10001).")
    probe = utc_text(int(store.redis.hget("tw:halt", "probe_ms")))
    reason = "Twilio refused the call: Account is not active (error 10001)"
    assert why(store, call) == f"the account is halted: {reason}, next probe at {probe}"
    store.ledger.probed(accepted=True)
    assert why(store, call) == "its turn has come, workers are being told"


def test_a_paused_account_says_until_when(store: Store) -> None:
    call = alive(store).dialling()
    store.ledger.settle(call, CallState.WAITING, pause_seconds=20)
    until = at(int(store.redis.hget("tw:pace:account", "paused_us")))
    assert why(store, call) == f"the account is paused (Twilio said wait, or was not reached) until {until}"
    assert after(store, 20, call) == "its turn has come, workers are being told"


def test_without_a_worker_nothing_goes(store: Store) -> None:
    call = alive(store).call()
    store.ledger.pulse("worker", leaving=True)
    assert why(store, call) == "no worker is alive"
    store.ledger.admit(50)
    assert why(store, call) == "no worker is alive"


def test_without_a_beat_nothing_wakes_the_workers(store: Store) -> None:
    call = store.call()
    store.ledger.pulse("worker")
    assert why(store, call) == "no beat is alive"


def test_while_the_operator_drains_no_call_goes_and_it_says_so(store: Store) -> None:
    call = alive(store).call()
    drain = store.redis.register_script(source("drain"))
    assert drain(keys=[keys.PREFIX], args=["drain"]) == "1"
    assert drain(keys=[keys.PREFIX], args=["drain"]) == "0"
    since = utc_text(int(store.redis.hget("tw:drain", "since_ms")))
    assert why(store, call) == f"the operator lets no call go since {since} (drain)"
    assert store.ledger.admit(50) == []
    assert not store.ledger.clock("beat").dispatch

    assert drain(keys=[keys.PREFIX], args=["resume"]) == "1"
    assert drain(keys=[keys.PREFIX], args=["resume"]) == "0"
    assert store.ledger.clock("beat").dispatch
    assert store.ledger.admit(50) == [call]


def test_a_probe_of_the_account_does_not_end_a_drain(store: Store) -> None:
    store.redis.register_script(source("drain"))(keys=[keys.PREFIX], args=["drain"])
    store.call()
    store.ledger.halt("Account is not active")
    store.ledger.probed(accepted=True)
    assert store.ledger.admit(50) == []


def test_an_admitted_call_is_on_its_way_then_a_worker_has_it(store: Store) -> None:
    call = alive(store).call()
    store.ledger.admit(50)
    assert why(store, call) == f"on its way to a worker, leaves at {at(int(store.task(call)['slot_us']))}"
    store.ledger.begin(call, "attempt")
    assert why(store, call) == "a worker has it"


def test_a_call_in_doubt_is_being_looked_up(store: Store) -> None:
    call = alive(store).dialling()
    store.ledger.settle(call, CallState.CONFIRMING, {"doubt": "no answer"})
    record = CallRecord.read(call, store.task(call))
    store.ledger.look_again(record, 9)
    check = utc_text(store.score("checks", call) or 0)
    assert why(store, call) == f"being looked up at Twilio, next at {check}"


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (CallState.PLACED, "Twilio has it, looked at again at "),
        (CallState.REJECTED, "it does not wait: it is rejected"),
    ],
)
def test_a_call_that_does_not_wait_says_where_it_is(store: Store, state: CallState, sentence: str) -> None:
    call = alive(store).dialling()
    store.ledger.settle(call, state, check_seconds=60)
    assert why(store, call).startswith(sentence)


def test_a_campaign_with_every_number_dialled_waits_for_nothing(store: Store) -> None:
    campaign = alive(store).campaign("+12025550100")
    store.ledger.admit(50)
    assert why(store, campaign) == "every number was dialled; calls still live: 1"


def test_the_explanation_costs_the_same_however_much_waits(store: Store) -> None:
    text = source("explain").partition("\n-- explain.lua")[2]
    commands = set(re.findall(r"redis\.call\('([A-Z]+)'", text))
    assert commands <= {"HMGET", "HGET", "ZSCORE", "ZRANK", "ZCOUNT", "SCARD", "LLEN"}
