"""cancel.lua: after it no further call of the task is placed."""

import pytest

from schemas import keys
from schemas.states import CallState
from tests.scripts.conftest import Store


def _counts(store: Store, campaign: str) -> dict[str, int]:
    task = store.task(campaign)
    return {name: int(task.get(name, 0)) for name in ("live", "canceled", "failed", "completed")}


def test_a_waiting_call_is_cancelled(store: Store) -> None:
    call = store.call()

    assert store.cancel(call) == ["done"]
    assert store.state(call) == "cancelled"
    store.pass_time(10)
    assert store.ledger.admit(50) == []


def test_a_delayed_call_is_cancelled(store: Store) -> None:
    call = store.call(delay_ms=1000)
    store.cancel(call)
    store.pass_time(10)

    assert store.ledger.admit(50) == []


@pytest.mark.parametrize("state", [CallState.REJECTED, CallState.CANCELLED])
def test_a_call_that_is_over_cannot_be_cancelled(store: Store, state: CallState) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "state", state)

    assert store.cancel(call) == ["over"]


def test_an_unknown_task_cannot_be_cancelled(store: Store) -> None:
    assert store.cancel("no such task") == ["over"]
    assert store.redis.exists(keys.task("no such task")) == 0


def test_a_live_call_is_marked_and_looked_at_at_once(store: Store) -> None:
    call = store.placed()

    assert store.cancel(call) == ["done"]
    assert store.task(call)["hang_up"] == "1"
    assert (store.score("checks", call) or 0) <= store.now_ms()


def test_a_call_whose_request_is_leaving_is_named_and_hung_up_once_placed(store: Store) -> None:
    call = store.dialling()
    assert store.cancel(call) == ["done", call]
    settlement = store.ledger.settle(call, CallState.PLACED, sid="CA1", check_seconds=60)

    assert settlement.hang_up
    assert (store.score("checks", call) or 0) <= store.now_ms()


def test_a_campaign_is_cancelled_whole(store: Store) -> None:
    campaign = store.campaign(*(f"+1202555010{index}" for index in range(6)))
    ids = []
    for _ in range(3):
        ids += store.ledger.admit(50)
        store.pass_time(1.1)
    placed, dialling, dispatched = ids
    store.ledger.begin(placed, "attempt")
    store.ledger.settle(placed, CallState.PLACED, sid="CA1", check_seconds=60)
    store.pass_time(1.1)
    store.ledger.begin(dialling, "attempt")

    assert store.cancel(campaign) == ["done", dialling]
    assert store.state(campaign) == "cancelled"
    assert store.state(dispatched) == "cancelled"
    assert _counts(store, campaign) == {"live": 2, "canceled": 4, "failed": 0, "completed": 0}
    store.pass_time(10)
    assert store.ledger.admit(50) == []
    assert store.cancel(campaign) == ["over"]


def test_a_call_that_waits_again_is_cancelled_with_its_campaign(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    call = store.ledger.admit(50)[0]
    store.ledger.begin(call, "attempt")
    store.ledger.settle(call, CallState.WAITING)
    store.cancel(campaign)

    assert store.state(call) == "cancelled"
    assert _counts(store, campaign)["canceled"] == 2


def test_one_call_of_a_campaign_can_be_cancelled_alone(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101", max_live=1)
    call = store.ledger.admit(50)[0]
    store.cancel(call)
    store.pass_time(2)

    assert store.state(call) == "cancelled"
    assert store.ledger.admit(50) == [f"{campaign}-2"]


def test_a_stopped_campaign_fails_its_waiting_numbers_and_leaves_live_calls_alone(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101", "+12025550102")
    call = store.ledger.admit(50)[0]
    store.ledger.begin(call, "attempt")
    store.ledger.settle(call, CallState.PLACED, sid="CA1", check_seconds=60)
    store.ledger.stop_campaign(campaign, "Account suspended")

    assert store.task(campaign)["error"] == "Account suspended"
    assert _counts(store, campaign) == {"live": 1, "canceled": 0, "failed": 2, "completed": 0}
    assert "hang_up" not in store.task(call)


def test_news_of_a_call_that_is_to_be_hung_up_does_not_put_that_off(store: Store) -> None:
    call = store.placed()
    store.cancel(call)
    store.ledger.settle(call, CallState.PLACED, {"call_status": "ringing"}, check_seconds=60)

    assert (store.score("checks", call) or 0) <= store.now_ms()
