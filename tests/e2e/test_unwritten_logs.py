"""Parts whose log nobody takes: on a full disk, for a reader that has gone, or where there is no output at all."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from tests.e2e.test_refused_starts import PARTS, environment, own_redis
from tests.processes import ROOT, START_SECONDS, STOP_SECONDS, RedisServer, wait_until

__all__ = ["own_redis"]


def _full() -> int:
    return os.open("/dev/full", os.O_WRONLY)


def _unread() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize(
    ("log", "more", "log_format"),
    [
        (_full, "", "json"),
        (_full, "", "console"),
        (_unread, "", "json"),
        (_unread, "", "console"),
        (_full, "<&- >&-", "json"),
    ],
)
@pytest.mark.parametrize("part", PARTS)
def test_a_part_whose_log_can_be_written_nowhere_works_and_ends_as_it_should(
    part: str,
    log: Callable[[], int],
    more: str,
    log_format: str,
    own_redis: "Redis",
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    """A worker is told to end by a signal, of which it says so before it does anything else."""
    variables = {**os.environ, **environment(redis_server, LOG_FORMAT=log_format)}
    variables.pop("PYTHONUNBUFFERED", None)
    program, *words = PARTS[part]
    quiet = [] if part == "web" else ["--quiet"]  # as in the images: Celery would print a banner, or not begin
    command, written = ["/bin/sh", "-c", f'exec "$0" "$@" {more}', program, *quiet, *words], log()
    said = tmp_path / "said"
    with said.open("wb") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=written, stderr=errors)
    os.close(written)
    try:
        key = "tw:parts" if part == "web" else f"tw:{part}s"
        wait_until(lambda: own_redis.zcard(key) == 1 or process.poll() is not None, START_SECONDS, "it is there")
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
        assert not more or said.read_text() == ""
        assert own_redis.zcard("tw:parts") == 0
    finally:
        process.kill()
