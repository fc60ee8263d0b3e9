"""Whatever clients do to tasks, what is told agrees, no rule is broken, and in the end all is over."""

from typing import Any

import pytest

from tests.processes import RedisServer
from tests.walks.walk import walk


@pytest.mark.parametrize("seed", [9, 11])
def test_no_walk_finds_a_fault(redis: Any, redis_server: RedisServer, seed: int) -> None:
    assert len(walk(redis, redis_server.url, seed, 60).tasks) > 3
