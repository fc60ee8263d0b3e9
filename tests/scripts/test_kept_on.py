"""What was over and goes on is kept for as long as it does, and so is the answer to its Idempotency-Key."""

from collections.abc import Callable

import pytest

from schemas import keys
from schemas.operation.copy import requeue
from schemas.scripts.outcome import in_doubt
from tests.scripts.conftest import Store
from tests.scripts.retrials import again

KEY = "k1"


def tried_again(store: Store) -> str:
    call = store.dialling(key=KEY)
    store.callback(call, "busy", sid="CA1")
    again(store, call, "b")
    return call


def lost(store: Store, call: str) -> None:
    store.outcome(call, in_doubt("no answer"))
    store.give_up(call)


def found_after_all(store: Store) -> str:
    call = store.dialling(key=KEY)
    lost(store, call)
    store.callback(call, "ringing", sid="CA1")
    return call


def put_back(store: Store) -> str:
    call = store.dialling(key=KEY)
    store.redis.hset(keys.task(call), "restored", "1")
    lost(store, call)
    assert store.scripts.run(requeue(call, 30, ask_only=False))
    return call


def campaign_of_one(store: Store) -> tuple[str, str]:
    campaign = store.campaign("+12025550100", key=KEY)
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    return campaign, call


def campaign_tried_again(store: Store) -> str:
    campaign, call = campaign_of_one(store)
    store.callback(call, "busy", sid="CA1")
    again(store, campaign, "b")
    return campaign


def campaign_found_after_all(store: Store) -> str:
    campaign, call = campaign_of_one(store)
    lost(store, call)
    store.callback(call, "ringing", sid="CA1")
    return campaign


@pytest.mark.parametrize(
    "goes_on", [tried_again, found_after_all, put_back, campaign_tried_again, campaign_found_after_all]
)
def test_nothing_of_what_goes_on_ends_meanwhile(store: Store, goes_on: Callable[[Store], str]) -> None:
    task = goes_on(store)

    assert store.redis.exists(keys.answer(KEY))
    names = [name for name in store.redis.scan_iter("*") if task in name or name == keys.answer(KEY)]
    assert {name: store.redis.pttl(name) for name in names if ":left:" not in name} == dict.fromkeys(
        [name for name in names if ":left:" not in name], -1
    )
