"""
The long torture: python -m tests.e2e.torture [--seed N] [--calls 2000] [--kills 200] [--redis-restarts 20]

Prints what was broken and the oracle's verdict; exits with 1 if anything was lost, doubled, too fast or left over.
The same seed breaks the same parts in the same order.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.e2e.oracle import Verdict
from tests.e2e.rig import Rig
from tests.machine import Machine

CALLS_PER_SECOND = 6.0
CALM_CALLS_PER_SECOND = 20.0


class Torture:
    """The short one: everything is broken for half a minute, beside whatever else there is to do."""

    def __init__(self, folder: Path, seed: int, machine: Machine) -> None:
        self.rig = Rig(folder, seed, CALLS_PER_SECOND)
        self.broken: Counter[str] = Counter()
        self._machine = machine

    def load(self, singles: int, campaigns: int, kills: int, redis_restarts: int, seconds: float) -> None:
        """Breaks so much within so long while so many calls go. Those that are in doubt then stay so for a minute."""
        self.rig.start()
        self.rig.stack.simulator.take_precedence()
        self.rig.break_twilio()
        chaos = self.rig.chaos(gap_seconds=1.0)
        self.broken = chaos.broken
        chaos.start()
        try:
            self.rig.load(singles, campaigns)
            chaos.wait_for(kills, redis_restarts, seconds)
        finally:
            chaos.stop()

    def verdict(self) -> Verdict:
        """The oracle's, when all is settled."""
        return self.rig.verdict(machine=self._machine)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--redis-restarts", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="a folder for the logs of the processes")
    parser.add_argument("--calm", action="store_true", help="break nothing: four workers at 20 calls a second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        return calm(options, folder) if options.calm else torture(options, folder)


def calm(options: argparse.Namespace, folder: Path) -> int:
    """Nothing is broken: is the limit used?"""
    rig = Rig(folder, options.seed, CALM_CALLS_PER_SECOND, workers=("threads",) * 4)
    try:
        rig.start()
        rig.stack.simulator.take_precedence()
        rig.load(options.calls)
        verdict = rig.verdict(settle_seconds=240)
    finally:
        rig.stack.stop()
    print(f"{verdict} (bounds {CALM_CALLS_PER_SECOND:g} and {10 * CALM_CALLS_PER_SECOND:g})")
    return int(verdict.most_in_second > CALM_CALLS_PER_SECOND)


def torture(options: argparse.Namespace, folder: Path) -> int:
    """One run; 0 if the verdict is clean."""
    campaigns = options.calls // 10 // 10  # a tenth of the calls are of campaigns of ten
    began = time.monotonic()
    rig = Rig(folder, options.seed, CALLS_PER_SECOND)
    print(f"seed {options.seed}", flush=True)
    try:
        rig.start()
        if not rig.stack.simulator.take_precedence():
            print("the simulator may not run before all else: it may note calls later than they arrive", flush=True)
        rig.break_twilio()
        chaos = rig.chaos(gap_seconds=1.2)
        chaos.start()
        rig.load(options.calls - campaigns * 10, campaigns)
        chaos.wait_for(options.kills, options.redis_restarts, seconds=3600)
        chaos.stop()
        verdict = rig.verdict(settle_seconds=240)
    finally:
        rig.stack.stop()
    print(f"broken: {dict(sorted(chaos.broken.items()))}, {chaos.kills} kills in all")
    print(f"{verdict} (bounds {CALLS_PER_SECOND:g} and {10 * CALLS_PER_SECOND:g}); {time.monotonic() - began:.0f} s")
    faults = (verdict.duplicates, verdict.lost, verdict.uninvited, verdict.unsettled, verdict.denied)
    return int(
        any(faults) or verdict.most_in_second > CALLS_PER_SECOND or verdict.most_in_ten_seconds > 10 * CALLS_PER_SECOND
    )


if __name__ == "__main__":
    sys.exit(main())
