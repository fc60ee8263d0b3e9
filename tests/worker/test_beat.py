"""Beat ends when it is told to, whatever it is at."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from runtime.scripts import ScriptRunner
from schemas.messages import QUEUE
from schemas.scripts.gauges import health
from tests.processes import BIN, Process, RedisServer, wait_until
from tests.scripts.conftest import Store

BEAT = ("-A", "worker", "beat")


@pytest.fixture
def redis_of_its_own(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path).start()
    yield server
    server.stop()


@pytest.mark.parametrize("word", ["SIGTERM", "SIGINT"])
def test_one_that_is_told_while_celery_imports_ends_all_the_same(
    redis_server: RedisServer, tmp_path: Path, word: str
) -> None:
    """Its first look imports what sends messages, long after it says that it starts."""
    command = [sys.executable, "-m", "tests.told_while_importing", word, "celery.app.routes", "celery", *BEAT]
    beat = Process("beat", command, tmp_path, {"CELERY_BROKER_URL": redis_server.url})
    beat.may_end()
    wait_until(lambda: not beat.alive, what="beat ends as it was told to")  # without a second signal, as it ends

    assert beat.stop() == 0, beat.output
    assert "told" in beat.output
    assert "Traceback" not in beat.output


def test_one_whose_messages_nobody_takes_has_no_pulse_until_they_are_taken(
    redis_of_its_own: RedisServer, tmp_path: Path
) -> None:
    """As where Redis has no room for one connection more; nothing goes then, though beat itself looks at its clock."""
    beat = Process("beat", [str(BIN / "celery"), *BEAT], tmp_path, {"CELERY_BROKER_URL": redis_of_its_own.url})
    with Redis.from_url(redis_of_its_own.url, decode_responses=True, protocol=2) as redis:
        store = Store(redis, 1, 30, 50)
        beat.wait_for_answer(lambda: beats(redis) == 1)
        redis.config_set("maxclients", redis.info("clients")["connected_clients"])
        store.ledger.pulse("a worker")
        store.call("+12025550100")
        wait_until(lambda: beats(redis) == 0, 20, "it has no pulse")
        assert not redis.llen(QUEUE)

        redis.config_set("maxclients", 100)
        wait_until(lambda: beats(redis) == 1 and redis.llen(QUEUE), what="its message is there")
    assert beat.stop() == 0


def test_one_that_cannot_look_at_all_of_its_clock_has_no_pulse_and_its_log_shows_why(
    redis_of_its_own: RedisServer, tmp_path: Path
) -> None:
    """It ticked for everybody who asked, and no call went: another program had put a list where the live calls are."""
    with Redis.from_url(redis_of_its_own.url, decode_responses=True, protocol=2) as redis:
        redis.rpush("tw:live", "another program's")
        beat = Process("beat", [str(BIN / "celery"), *BEAT], tmp_path, {"CELERY_BROKER_URL": redis_of_its_own.url})
        wait_until(lambda: "clock_waits_for_redis" in beat.output, what="it could not look")
        assert beats(redis) == 0
        assert "redis.call('SCARD', P .. 'live')" in beat.output

        redis.delete("tw:live")
        wait_until(lambda: beats(redis) == 1, what="it ticks")
    assert beat.stop() == 0


def test_one_whose_queue_another_program_has_says_so(redis_of_its_own: RedisServer, tmp_path: Path) -> None:
    beat = Process("beat", [str(BIN / "celery"), *BEAT], tmp_path, {"CELERY_BROKER_URL": redis_of_its_own.url})
    with Redis.from_url(redis_of_its_own.url, decode_responses=True, protocol=2) as redis:
        store = Store(redis, 1, 30, 50)
        beat.wait_for_answer(lambda: beats(redis) == 1)
        redis.set(QUEUE, "another program's")
        store.ledger.pulse("a worker")
        store.call("+12025550100")
        wait_until(lambda: "Redis has something else where a key of ours should be" in beat.output, 20, "it says so")
    assert beat.stop() == 0


def beats(redis: "Redis") -> int:
    return ScriptRunner(redis).run(health()).beats


def test_one_whose_redis_hangs_ends_before_it_is_killed(redis_of_its_own: RedisServer, tmp_path: Path) -> None:
    command = [str(BIN / "celery"), *BEAT]
    beat = Process("beat", command, tmp_path, {"CELERY_BROKER_URL": redis_of_its_own.url})
    wait_until(lambda: "beat: Starting" in beat.output)
    assert redis_of_its_own.process is not None
    redis_of_its_own.process.signal(signal.SIGSTOP)

    assert beat.stop() == 0, beat.output
