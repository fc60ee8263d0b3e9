"""
One failover under load: python -m tests.e2e.failover [--replicas 1] [--seed N] [--calm]

The primary is cut off from its replicas for a moment, as a network does it, and is killed then: what it wrote in that
moment is lost. Prints what the oracle found. With --replicas 0 (REDIS_REPLICAS) nothing waits for the replicas, which
shows what asynchronous replication loses; with --calm the primary is killed without having been cut off.
"""

import argparse
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.oracle import Verdict
from tests.e2e.rig import Rig
from tests.e2e.sentinels import GROUP, Sentinels

CALLS_PER_SECOND = 20.0
CALLS = 80
CUT_OFF_SECONDS = 0.7


@dataclass(frozen=True)
class Failover:
    """What one failover came to."""

    verdict: Verdict
    down_seconds: float  #: from the kill until the sentinels named another primary

    def __str__(self) -> str:
        return f"{self.verdict}; another primary after {self.down_seconds:.1f} s"


def fail_over(folder: Path, *, replicas: int, cut_off: bool, seed: int = 1) -> Failover:
    """Kills the primary while calls are accepted and placed."""
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
        loader = threading.Thread(target=rig.load, args=(CALLS,))
        loader.start()
        while len(rig.tasks) < CALLS // 4:
            time.sleep(0.02)
        if cut_off:
            sentinels.cut_off()
            time.sleep(CUT_OFF_SECONDS)
        sentinels.kill_primary()
        killed = time.monotonic()
        sentinels.wait_for_failover()
        down_seconds = time.monotonic() - killed
        loader.join()
        return Failover(rig.verdict(settle_seconds=60), down_seconds)
    finally:
        rig.stack.stop()
        sentinels.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calm", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(fail_over(Path(folder), replicas=options.replicas, cut_off=not options.calm, seed=options.seed))


if __name__ == "__main__":
    main()
