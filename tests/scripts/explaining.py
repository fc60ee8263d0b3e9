"""Explanations of waiting tasks, and the time between."""

from schemas import explanation
from schemas.explanation import WaitsFor, obstacle
from schemas.limits import Limits
from schemas.moment import utc_text
from schemas.scripts.explain import Explained, Facts, explain
from tests.scripts.conftest import Store


def explained(store: Store, task_id: str) -> Explained:
    """What explain.lua tells of a task that there is."""
    found = store.scripts.run(explain(task_id, store.limits.most_minutes_a_day))
    assert found is not None
    return found


def facts(store: Store, task_id: str) -> Facts:
    return explained(store, task_id).facts


def waits_for(its: Facts, limits: Limits) -> WaitsFor | None:
    return explanation.waits_for(its, obstacle(its, limits))


def why(store: Store, task_id: str) -> str:
    its = facts(store, task_id)
    return explanation.why(its, obstacle(its, store.limits))


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
