"""cancel.lua: after it no further call of the task is placed."""

import pytest

from schemas import keys
from schemas.do_not_call.lists import SERVICE, OptOut, opt_out
from schemas.scripts.cancel import Cancellation
from schemas.scripts.outcome import later
from schemas.scripts.outcome import placed as taken
from schemas.states import CallState
from tests.scripts.conftest import Store

DONE = Cancellation(done=True, leaving=())
OVER = Cancellation(done=False, leaving=())


def _counts(store: Store, campaign: str) -> dict[str, int]:
    task = store.task(campaign)
    return {name: int(task.get(name, 0)) for name in ("live", "canceled", "failed", "completed")}


def test_a_waiting_call_is_cancelled(store: Store) -> None:
    call = store.call()

    assert store.cancel(call) == DONE
    assert store.state(call) == "cancelled"
    store.pass_time(10)
    assert store.ledger.admit(50) == []


def test_a_delayed_call_is_cancelled(store: Store) -> None:
    call = store.call(delay_ms=1000)
    store.cancel(call)
    store.pass_time(10)

    assert store.ledger.admit(50) == []


@pytest.mark.parametrize("state", [CallState.REJECTED, CallState.ENDED, CallState.UNKNOWN])
def test_a_call_that_is_over_cannot_be_cancelled(store: Store, state: CallState) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "state", state)

    assert store.cancel(call) == OVER


def test_a_cancel_that_is_sent_again_is_done_again_and_changes_nothing(store: Store) -> None:
    placed, waiting = store.placed("+12025550102"), store.call("+12025550101")
    campaign = store.campaign("+12025550103", "+12025550104")
    for task in (waiting, placed, campaign):
        assert store.cancel(task) == DONE
        before = store.task(task)
        assert store.cancel(task) == DONE
        assert store.task(task) == before
    store.callback(placed, "completed")
    assert store.cancel(placed) == DONE


def test_a_campaign_that_an_older_version_stopped_can_be_cancelled_and_its_live_calls_are_hung_up(store: Store) -> None:
    campaign = store.campaign("+12025550101", "+12025550102")
    [call] = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.outcome(call, taken("CA1", "queued", 60))
    store.redis.hset(keys.task(campaign), mapping={"state": "stopped", "failed": 1})
    store.redis.delete(keys.numbers(campaign))

    assert store.cancel(campaign) == DONE
    assert store.task(call)["hang_up"] == "1"


def test_an_unknown_task_cannot_be_cancelled(store: Store) -> None:
    assert store.cancel("no such task") == OVER
    assert store.redis.exists(keys.task("no such task")) == 0


def test_a_live_call_is_marked_and_looked_at_at_once(store: Store) -> None:
    call = store.placed()

    assert store.cancel(call) == DONE
    assert store.task(call)["hang_up"] == "1"
    assert (store.score("checks", call) or 0) <= store.now_ms()


def test_a_call_whose_request_is_leaving_is_named_and_hung_up_once_placed(store: Store) -> None:
    call = store.dialling()
    assert store.cancel(call) == Cancellation(done=True, leaving=(call,), left=1)
    settlement = store.outcome(call, taken("CA1", "queued", 60))

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
    store.outcome(placed, taken("CA1", "queued", 60))
    store.pass_time(1.1)
    store.ledger.begin(dialling, "attempt")

    assert store.cancel(campaign) == Cancellation(done=True, leaving=(dialling,), left=1)
    assert store.state(campaign) == "cancelled"
    assert store.state(dispatched) == "cancelled"
    assert _counts(store, campaign) == {"live": 2, "canceled": 4, "failed": 0, "completed": 0}
    store.pass_time(10)
    assert store.ledger.admit(50) == []


def test_a_call_that_waits_again_is_cancelled_with_its_campaign(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    call = store.ledger.admit(50)[0]
    store.ledger.begin(call, "attempt")
    store.outcome(call, later(0))
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


def test_news_of_a_call_that_is_to_be_hung_up_does_not_put_that_off(store: Store) -> None:
    call = store.placed()
    store.cancel(call)
    store.callback(call, "ringing")

    assert (store.score("checks", call) or 0) <= store.now_ms()


def test_a_campaigns_call_that_waits_again_and_is_cancelled_by_itself_is_never_dialled(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    [call] = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.outcome(call, later(0))
    assert store.cancel(call) == DONE
    store.pass_time(10)

    assert store.ledger.admit(50) == [f"{campaign}-2"]
    assert store.state(call) == CallState.CANCELLED


def test_calls_that_were_cancelled_on_their_way_to_a_worker_hold_no_slot(store: Store) -> None:
    for _ in range(30):
        store.call()
    for call in store.ledger.admit(50):
        store.cancel(call)
    store.pass_time(5)
    call = store.call()

    assert store.ledger.admit(50) == [call]


def test_a_campaigns_call_that_a_cancel_hung_up_counts_as_canceled_and_one_that_twilio_canceled_as_failed(
    store: Store,
) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    calls = []
    for place in range(2):
        [call] = store.ledger.admit(50)
        store.ledger.begin(call, "claim")
        store.callback(call, "in-progress", sid=f"CA{place}")
        store.pass_time(2)
        calls.append(call)
    store.cancel(calls[0])
    for call, sid, status in ((calls[0], "CA0", "completed"), (calls[1], "CA1", "canceled")):
        store.callback(call, status, sid=sid)

    assert _counts(store, campaign) == {"live": 0, "canceled": 1, "failed": 1, "completed": 0}


def test_a_stopped_campaign_of_which_nothing_is_left_ends_with_its_cancel(store: Store) -> None:
    campaign = store.campaign("+12025550101")
    [call] = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.outcome(call, taken("CA1", "queued", 60))
    store.callback(call, "completed")
    store.redis.hset(keys.task(campaign), "state", "stopped")  # as an older version did
    store.redis.persist(keys.task(campaign))

    assert store.cancel(campaign) == DONE
    assert store.redis.ttl(keys.task(campaign)) > 0


def test_what_ended_because_its_time_was_over_cannot_be_cancelled(store: Store) -> None:
    call = store.call(expires_ms=store.now_ms() + 1000)
    store.pass_time(2)
    store.ledger.closed()
    assert store.task(call)["reason"] == "expired"

    assert not store.cancel(call).done


def test_what_ended_because_its_number_is_not_to_be_called_cannot_be_cancelled(store: Store) -> None:
    call = store.call()
    assert store.ledger.admit(50) == [call]
    store.scripts.run(opt_out(OptOut(SERVICE, ["+12025550100"])))
    assert store.ledger.bar(call)

    assert not store.cancel(call).done
