"""Explanations of waiting tasks, and the time between."""

from schemas import keys
from schemas.moment import utc_text
from schemas.pulses import BEAT_FRESH_MS, WORKER_FRESH_MS
from schemas.scripts import source
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
