"""Explanations of waiting tasks, and the time between."""

from typing import Any

from schemas import keys
from schemas.moment import utc_text
from schemas.pulses import BEAT_FRESH_MS, WORKER_FRESH_MS
from schemas.scripts import source
from schemas.waiting import Facts, explain
from tests.scripts.conftest import Store


def explained(store: Store, task_id: str) -> list[Any]:
    """What explain.lua returns: a record, what it shares with its campaign's, and facts."""
    script = store.redis.register_script(source("explain"))
    most_live = store.limits.max_live_calls
    found: list[Any] = script(keys=[keys.PREFIX], args=[task_id, WORKER_FRESH_MS, BEAT_FRESH_MS, most_live])
    return found


def facts(store: Store, task_id: str) -> Facts:
    return Facts(task_id, explained(store, task_id)[2])


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
