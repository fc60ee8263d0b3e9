"""take_back.lua: an acceptance that no replica confirmed leaves nothing behind."""

from typing import Any

import pytest

from schemas import keys
from schemas.scripts import source
from schemas.states import CallState
from tests.scripts.conftest import Store


def take_back(store: Store, task_id: str) -> Any:
    return store.redis.register_script(source("take_back"))(keys=[keys.PREFIX], args=[task_id])


def left(store: Store) -> set[str]:
    """Keys that tell of tasks."""
    nobodys = {"asked:dispatch", "pace:account", "pace:singles"}
    return {str(key) for key in store.redis.scan_iter()} - {keys.PREFIX + name for name in nobodys}


@pytest.mark.parametrize("options", [{}, {"delay_ms": 60_000}, {"max_live": 3}], ids=["call", "delayed", "campaign"])
def test_nothing_is_left_of_a_task_and_its_key_may_be_used_anew(store: Store, options: dict[str, Any]) -> None:
    task_id = store.accept("+12025550100", key="digest", **options)[1]
    assert take_back(store, task_id) == "1"
    assert left(store) == set()
    assert take_back(store, task_id) == "1"
    assert store.accept("+12025550100", key="digest", body="another", **options)[0] == "accepted"


def test_an_admitted_call_is_taken_back_and_its_message_finds_nothing(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    assert take_back(store, call) == "1"
    assert left(store) == set()


def test_a_call_that_is_being_dialled_stays(store: Store) -> None:
    call = store.dialling()
    assert take_back(store, call) == "0"
    assert store.state(call) == CallState.DIALLING


def test_a_campaign_whose_dialling_began_stays(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    store.ledger.admit(50)
    assert take_back(store, campaign) == "0"
    assert store.state(campaign) == "active"
