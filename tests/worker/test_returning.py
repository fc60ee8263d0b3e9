"""A worker that Redis left takes calls again soon after Redis is back, however long that was."""

import re
from pathlib import Path

from redis import Redis

from tests.processes import BIN, Process, RedisServer, wait_until

#: Between two tries, and for what a worker does besides.
GAP_SECONDS = 2.0


def test_between_two_tries_to_reach_redis_it_never_pauses_longer(tmp_path: Path) -> None:
    """Celery's own pauses grow to half a minute, for which accepted calls waited though Redis was back."""
    redis = RedisServer(tmp_path)
    options = ["--queues", "twilio_calls", "--pool", "solo", "--without-gossip", "--without-mingle"]
    command = [str(BIN / "celery"), "-A", "worker", "worker", *options]
    worker = Process("worker", command, tmp_path, {"CELERY_BROKER_URL": redis.url})
    pauses = wait_until(lambda: _pauses(worker) if len(_pauses(worker)) > 3 else None, what="four tries")
    redis.start()
    try:
        wait_until(lambda: "ready." in worker.output, what="it is ready")
        with Redis(port=redis.port) as client:
            wait_until(lambda: client.exists("tw:workers"), what="it takes messages")
    finally:
        assert worker.stop() == 0
        redis.stop()
    assert max(pauses) <= GAP_SECONDS


def _pauses(worker: Process) -> list[float]:
    return [float(seconds) for seconds in re.findall(r"Trying again in ([\d.]+) seconds", worker.output)]
