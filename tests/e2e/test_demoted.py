"""The Redis under a running stack becomes a replica, as by a planned failover, and a primary again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.processes import wait_until
from tests.stack import Stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    one = Stack(tmp_path)
    try:
        yield one.start()
    finally:
        one.stop()


def test_a_worker_outlives_it_and_health_names_the_cause(stack: Stack) -> None:
    """Its fetching ends with an error of Redis then, of which Celery's worker died."""
    with Redis.from_url(stack.redis.url, decode_responses=True, protocol=2) as redis:
        redis.replicaof("127.0.0.1", "1")
        wait_until(lambda: "no_worker" in [one["code"] for one in stack.health()["problems"]])
        first = stack.health()["problems"][0]
        redis.replicaof("NO", "ONE")

    assert (first["code"], first["detail"].split(",")[0]) == ("redis_not_durable", "Redis is a replica")
    wait_until(lambda: stack.health()["workers"] == 1, what="the same worker takes messages again")
    task_id = stack.queue("queue-single-call", to_number="+12025550100")
    wait_until(lambda: stack.status(task_id)["status"] == "SUCCESS")
