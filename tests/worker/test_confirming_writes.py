"""With REDIS_REPLICAS, a call is dialled only when replicas have the mark of it."""

from typing import Any

import pytest
from redis import Redis

from schemas.states import CallState
from tests.processes import Simulator
from tests.scripts.conftest import Store
from worker import placing
from worker.arrivals import Arrivals
from worker.context import Context
from worker.ledger import Ledger
from worker.outcomes import Deferred
from worker.placing import NOT_CONFIRMED, place
from worker.settings import Settings
from worker.telephone import Telephone
from worker.verdicts import Go

NUMBER = "+12025550177"


def lonely(redis: Any, store: Store) -> Ledger:
    """A ledger that wants a replica where there is none."""
    return Ledger(redis, store.limits, timeout_seconds=30, retention_days=30, replicas=1)


def test_a_permission_that_no_replica_has_is_not_confirmed(store: Store, redis: "Redis") -> None:
    call = store.call()
    store.ledger.admit(50)
    permission = lonely(redis, store).begin(call, "attempt")
    assert isinstance(permission, Go)
    assert not permission.confirmed


def test_without_replicas_to_wait_for_every_permission_is_good(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    permission = store.ledger.begin(call, "attempt")
    assert isinstance(permission, Go)
    assert permission.confirmed


def test_a_call_whose_mark_is_not_confirmed_is_not_dialled_and_waits_again(
    store: Store, redis: "Redis", simulator: Simulator, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "_SETTLE_SECONDS", 0)
    call = store.call(NUMBER)
    store.ledger.admit(50)
    process = Context(settings, lonely(redis, store), Telephone(settings), Arrivals())
    assert place(process, call) == NOT_CONFIRMED
    assert isinstance(NOT_CONFIRMED, Deferred)
    assert simulator.calls_to(NUMBER) == []
    assert store.state(call) == CallState.WAITING
    assert store.ledger.admit(50) == []  # the account is paused for a second, lest it spins
    store.pass_time(1.1)
    assert store.ledger.admit(50) == [call]


def test_the_same_attempt_that_asks_again_writes_again_so_that_wait_has_something_to_wait_for(
    store: Store, redis: "Redis"
) -> None:
    call = store.dialling()
    before = int(redis.info("persistence")["rdb_changes_since_last_save"])
    store.ledger.begin(call, "attempt")
    assert int(redis.info("persistence")["rdb_changes_since_last_save"]) > before
