"""
One failover under load: python -m tests.e2e.failover [--replicas 1] [--seed N] [--calls N] [--calm]

The primary is cut off from its replicas for a moment, as a network does it, and is killed then: what it wrote in that
moment is lost. Before, meanwhile and afterwards every fourth task is cancelled, campaigns too, many of them while they
are talked to, and an operator drains and resumes. Prints what the oracle found. With --replicas 0 (REDIS_REPLICAS)
nothing waits for the replicas, which shows what asynchronous replication loses; with --calm the primary is killed
without having been cut off.
"""

import argparse
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from schemas import keys
from tests.e2e.oracle import Verdict
from tests.e2e.rig import Rig
from tests.e2e.sentinels import GROUP, Sentinels
from tests.e2e.steering import LONG_TALK_SECONDS, Obedience, Steering
from tests.machine import Machine
from tests.processes import wait_until

CALLS_PER_SECOND = 20.0
CALLS, CAMPAIGNS, CAMPAIGN_SIZE = 80, 4, 6
CANCELS_EVERY = 4
CUT_OFF_SECONDS = 0.7
DRAINED_SECONDS = 1.5
HUNG_UP_SECONDS = 60.0


@dataclass(frozen=True)
class Failover:
    """What one failover came to."""

    verdict: Verdict
    obedience: Obedience
    killed: float
    named: float  #: when the sentinels said which other is the primary

    def __str__(self) -> str:
        return f"{self.verdict}; {self.obedience}; another primary after {self.named - self.killed:.1f} s"


def fail_over(
    folder: Path, *, replicas: int, cut_off: bool, seed: int = 1, calls: int = CALLS, machine: Machine | None = None
) -> Failover:
    """Kills the primary while calls are accepted, placed and cancelled."""
    sentinels = Sentinels(folder)
    settings = {
        "CELERY_BROKER_URL": sentinels.url,
        "REDIS_SENTINEL_MASTER": GROUP,
        "REDIS_REPLICAS": str(replicas),
    }
    rig = Rig(folder, seed, CALLS_PER_SECOND, workers=("threads", "threads"), settings=settings)
    try:
        sentinels.watch(rig.stack.redis)
        rig.start()
        steering = Steering(rig, settings)
        loader = threading.Thread(target=rig.load, args=(calls, CAMPAIGNS, CAMPAIGN_SIZE))
        for number in rig.numbers_ahead(CAMPAIGNS * CAMPAIGN_SIZE + calls)[CAMPAIGNS * CAMPAIGN_SIZE :: 2]:
            rig.stack.simulator.script(number, talk_seconds=LONG_TALK_SECONDS)
        loader.start()
        with steering.cancelling(gap_seconds=0.05, every=CANCELS_EVERY):
            wait_until(lambda: len(rig.tasks) >= calls // 4, what="a quarter of the calls is accepted")
            killed, named = _lose_primary(sentinels, steering, cut_off=cut_off)
            time.sleep(DRAINED_SECONDS)
            steering.switch("resume")
            loader.join()
            wait_until(lambda: steering.seen == len(rig.tasks), what="every fourth task is cancelled")
        verdict = rig.verdict(settle_seconds=60, machine=machine)
        steering.wait_until_hung_up(HUNG_UP_SECONDS)
        statuses = {task_id: rig.status(task_id) for task_id in steering.answered}
        return Failover(verdict, steering.obedience(statuses, _begun(sentinels)), killed, named)
    finally:
        rig.stack.stop()
        sentinels.stop()


def _lose_primary(sentinels: Sentinels, steering: Steering, *, cut_off: bool) -> tuple[float, float]:
    """When the primary was killed, and when another was named; meanwhile an operator drains and some tasks are
    cancelled."""
    if cut_off:
        sentinels.cut_off()
    cancelled = steering.spared()
    meanwhile = [threading.Thread(target=steering.switch, args=("drain",))]
    meanwhile += [threading.Thread(target=steering.cancel, args=(task_id,)) for task_id in cancelled]
    for thread in meanwhile:
        thread.start()
    if cut_off:
        time.sleep(CUT_OFF_SECONDS)
    sentinels.kill_primary()
    killed = time.time()
    sentinels.wait_for_failover()
    named = time.time()
    for thread in meanwhile:
        thread.join()
    return killed, named


def _begun(sentinels: Sentinels) -> list[float]:
    """When requests were let go, by the records."""
    with Redis(port=sentinels.primary_port() or 0, decode_responses=True) as redis:
        pipeline = redis.pipeline(transaction=False)
        for key in redis.scan_iter(keys.task("*")):
            pipeline.hget(key, "dialled_ms")
        return [int(dialled_ms) / 1000 for dialled_ms in pipeline.execute() if dialled_ms]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--calm", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Machine() as machine:
        options_of_run = {"replicas": options.replicas, "seed": options.seed, "calls": options.calls}
        print(fail_over(Path(folder), cut_off=not options.calm, machine=machine, **options_of_run))


if __name__ == "__main__":
    main()
