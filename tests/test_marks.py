"""`make test-fast` leaves out each test that starts a process, and no other."""

import asyncio
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import RedisServer

NOTHING = [sys.executable, "-c", ""]


def _is_marked(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("processes") is not None


@pytest.mark.usefixtures("redis")
def test_one_with_a_redis_is_marked(request: pytest.FixtureRequest) -> None:
    assert _is_marked(request)


def test_one_that_could_start_a_redis_is_marked(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    assert RedisServer(tmp_path).process is None
    assert _is_marked(request)


def test_one_that_starts_a_program_itself_is_marked(request: pytest.FixtureRequest) -> None:
    assert subprocess.run(NOTHING, check=True).returncode == 0
    assert _is_marked(request)


async def test_one_that_starts_it_from_a_loop_is_marked(request: pytest.FixtureRequest) -> None:
    process = await asyncio.create_subprocess_exec(*NOTHING)
    assert await process.wait() == 0
    assert _is_marked(request)


def test_one_without_is_not_marked_and_cannot_start_any(request: pytest.FixtureRequest) -> None:
    assert not _is_marked(request)
    hidden = importlib.import_module("sub" + "process")
    with pytest.raises(pytest.fail.Exception, match="starts a process"):
        hidden.run(NOTHING, check=True)
