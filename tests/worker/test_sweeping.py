"""One sweep among very much that is to be done: what is urgent does not wait for the rest of it."""

import json

from redis import Redis

from schemas import keys
from schemas.hours.setting import read_windows
from schemas.messages import QUEUE, SWEEP
from tests.golden.keyspace import FOLDER, VERSIONS
from tests.processes import Process, wait_until
from tests.scripts.conftest import Store
from tests.worker.test_messages import start, worker

__all__ = ["start", "worker"]

CLOSED = 4000
LATER_MS = 36_000_000


def close_all(store: Store) -> None:
    """Windows of thousands of calls closed just now."""
    now_ms = store.now_ms()
    call = {"v": "2", "kind": "single", "state": "waiting", "to": "+12125550100", "from": "+15005550006", "rank": "2"}
    times = {"created_ms": now_ms, "updated_ms": now_ms, "due_ms": now_ms + LATER_MS, "opens_ms": 1, "closes_ms": 2}
    windows = {"windows": read_windows("mon-sun 08:00-21:00").text()}
    pipeline = store.redis.pipeline(transaction=False)
    for index in range(CLOSED):
        pipeline.hset(keys.task(f"closed-{index}"), mapping=call | times | windows)
        pipeline.zadd(keys.PREFIX + "closing", {f"closed-{index}": 2})
    pipeline.execute()


def test_a_live_call_is_looked_at_before_thousands_of_windows_that_closed_are_planned(
    worker: Process, store: Store, redis: "Redis"
) -> None:
    call = store.placed()
    store.cancel(call)
    close_all(store)
    golden = json.loads((FOLDER / f"{VERSIONS[-1]}.json").read_text("utf-8"))["messages"]
    redis.lpush(QUEUE, golden[SWEEP])
    wait_until(lambda: (store.score("checks", call) or 0) > store.now_ms(), what="the call is looked at")

    assert 0 < redis.zcount(keys.PREFIX + "closing", "-inf", store.now_ms()) < CLOSED
    assert worker.alive
