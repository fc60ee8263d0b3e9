"""take_back.lua: an acceptance that no replica confirmed leaves nothing behind."""

from typing import Any

import pytest

from schemas import keys
from schemas.scripts import accept
from schemas.scripts.cancel import pause
from schemas.scripts.outcome import later
from schemas.states import CallState
from tests.scripts.conftest import Store
from tests.scripts.zones import IN_LOS_ANGELES, IN_NEW_YORK, NEW_YORK, Clock, admitted, campaign, clock, sweep

__all__ = ["clock"]


def take_back(store: Store, task_id: str) -> bool:
    return store.scripts.run(accept.take_back(task_id))


def left(store: Store) -> set[str]:
    """Keys that tell of tasks."""
    nobodys = {"asked:dispatch", "pace:account", "pace:singles"}
    return {str(key) for key in store.redis.scan_iter()} - {keys.PREFIX + name for name in nobodys}


@pytest.mark.parametrize("options", [{}, {"delay_ms": 60_000}, {"max_live": 3}], ids=["call", "delayed", "campaign"])
def test_nothing_is_left_of_a_task_and_its_key_may_be_used_anew(store: Store, options: dict[str, Any]) -> None:
    task_id = store.accept("+12025550100", key="digest", **options).task_id
    assert take_back(store, task_id)
    assert left(store) == set()
    assert take_back(store, task_id)
    assert store.accept("+12025550100", key="digest", body="another", **options).verdict == "accepted"


def test_an_admitted_call_is_taken_back_and_its_message_finds_nothing(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    assert take_back(store, call)
    assert left(store) == set()


def test_a_call_that_is_being_dialled_stays(store: Store) -> None:
    call = store.dialling()
    assert not take_back(store, call)
    assert store.state(call) == CallState.DIALLING


def test_a_call_that_waits_again_after_a_request_stays(store: Store) -> None:
    call = store.dialling()
    store.outcome(call, later(0))
    assert not take_back(store, call)
    assert store.state(call) == CallState.WAITING


def test_nothing_is_left_of_a_call_that_was_paused(store: Store) -> None:
    call = store.call()
    store.scripts.run(pause(call))
    assert take_back(store, call)
    assert not store.redis.exists(keys.PREFIX + "in_campaigns")


def test_a_campaign_whose_dialling_began_stays(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    store.ledger.admit(50)
    assert not take_back(store, campaign)
    assert store.state(campaign) == "active"


def test_a_campaign_whose_dialling_began_behind_numbers_of_closed_windows_stays(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T09:00", NEW_YORK)
    its = campaign(store, IN_LOS_ANGELES, IN_NEW_YORK)
    sweep(store)
    assert admitted(store) == ["2"]
    assert not take_back(store, its)
    assert store.state(its) == "active"


def test_what_a_client_has_heard_of_by_its_key_is_not_taken_back(store: Store) -> None:
    call = store.call(key="k", body="b")
    assert store.accept("+12025550100", key="k", body="b").verdict == "replayed"

    assert not take_back(store, call)
    assert store.state(call) == CallState.WAITING


def test_a_campaign_that_is_taken_back_counts_no_longer_as_waiting(store: Store) -> None:
    kept = store.accept("+12025550100", max_live=1, client="alice").task_id
    back = store.accept("+12025550101", "+12025550102", max_live=1, client="alice").task_id
    assert store.redis.hgetall(keys.PREFIX + "in_campaigns") == {"alice": "3"}
    assert take_back(store, back)
    assert store.redis.hgetall(keys.PREFIX + "in_campaigns") == {"alice": "1"}
    store.cancel(kept)
    assert not store.redis.exists(keys.PREFIX + "in_campaigns")
