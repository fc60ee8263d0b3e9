"""A part that is up but does nothing is noticed, and one that works, or waits for work, is not suspected."""

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis

from runtime.liveness import own_place
from schemas import keys
from schemas.lua.facts import WORKER_FRESH_MS
from tests.machine import Machine
from tests.processes import ROOT, wait_until
from tests.stack import Stack

CONSUMING = "takes messages from the queue"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    running = Stack(tmp_path)
    try:
        yield running
    finally:
        for process in running.processes:
            process.kill()
        running.stop()


def _examine(stack: Stack, part: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "worker.health", part]
    env = {**os.environ, **stack.env}
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def test_parts_that_do_nothing_are_reported_and_a_busy_worker_is_not(stack: Stack) -> None:
    """One worker is paused, one was told to leave the queue, one fetches nothing, one waits for Twilio all the time."""
    paused = stack.start_worker("prefork", 2)
    told = stack.start_worker("threads", 2, "--hostname", "told@%h")
    deaf = stack.start_worker("prefork", 2, "--include", "tests.e2e.deaf")
    stack.start(workers=0, beats=1)
    wait_until(lambda: stack.health()["workers"] == 3)
    assert _examine(stack, "worker") == (0, f"Every worker on this host {CONSUMING} (3 in all).")
    assert _examine(stack, "beat")[0] == 0

    os.kill(deaf.pid, signal.SIGUSR2)
    Celery(broker=stack.redis.url, set_as_current=False).control.cancel_consumer(
        "twilio_calls", [f"told@{platform.node()}"]
    )
    os.kill(paused.pid, signal.SIGSTOP)
    busy = stack.start_worker("threads", 1)
    wait_until(lambda: "ready." in busy.output)
    stack.simulator.fault(to="+12025550300", kind="slow", seconds=16)
    stack.queue("queue-single-call", to_number="+12025550300")
    wait_until(lambda: stack.simulator.calls_to("+12025550300"))
    next(process for process in stack.processes if process.name == "beat").signal(signal.SIGSTOP)
    wait_until(lambda: stack.health()["workers"] == 1 and not stack.health()["beat"])
    with Redis(port=stack.redis.port) as redis:
        last_pulse_ms = redis.zscore(keys.WORKERS, f"{own_place()}/{paused.pid}")
        assert time.time() * 1000 - last_pulse_ms > WORKER_FRESH_MS
        canaries = f"canary:{own_place()}/{deaf.pid}"
        assert redis.llen(canaries) == 1  # those that are not taken do not pile up, nor outlive their worker
        assert 0 < int(redis.ttl(canaries)) <= 60

    code, sentence = _examine(stack, "worker")
    assert code == 1
    assert all(f"process {process.pid} " in sentence for process in (paused, told, deaf))
    assert str(busy.pid) not in sentence
    assert _examine(stack, "beat")[0] == 1


def test_a_worker_has_a_pulse_without_twilio_and_again_after_redis_was_away_but_none_once_it_has_left(
    stack: Stack,
) -> None:
    worker = stack.start_worker("threads", 1, TWILIO_ACCOUNT_SID="")
    wait_until(lambda: _examine(stack, "worker")[0] == 0)
    for word in ("Traceback", "worker_consumes_nothing"):
        assert word not in worker.output

    assert stack.redis.process is not None
    stack.redis.process.kill()
    wait_until(lambda: "pulse_missed" in worker.output)
    stack.redis.start()
    back_ms = time.time() * 1000
    name = f"{own_place()}/{worker.pid}"
    with Redis(port=stack.redis.port) as redis:
        wait_until(lambda: (redis.zscore(keys.WORKERS, name) or 0) > back_ms, what="it has a pulse again")
        worker.stop()
        assert redis.zscore(keys.WORKERS, name) is None


def test_without_redis_the_command_says_so_in_time(stack: Stack, machine: Machine) -> None:
    stack.redis.stop()
    watch = machine.stopwatch()
    code, sentence = _examine(stack, "worker")

    assert (code, watch.seconds < 15) == (1, True)
    assert "Redis does not answer" in sentence
    assert str(stack.redis.port) not in sentence


def test_with_no_worker_there_is_none(stack: Stack) -> None:
    assert _examine(stack, "worker") == (1, f"No worker on this host {CONSUMING}.")
