"""
A month of Twilio's bad days: python -m tests.e2e.bad_days [--seed N] [--calls 2000] [--campaigns 20] [--days 30]

Two clients queue calls all the while, a third one lists that hold no number. Prints what the simulator, the client's
receiver and the API say in the end; exits with 1 if that is not as promised.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.days import month
from tests.e2e.month import Month, Verdict


def run(folder: Path, seed: int, calls: int, campaigns: int, days: int, day_seconds: float) -> Verdict:
    """One month."""
    rig = Month(folder, seed)
    try:
        rig.start()
        size = calls // 2 // max(1, campaigns)
        for day, (name, orders) in enumerate(month(seed, days), start=1):
            print(f"day {day}: {name}", flush=True)
            for order in orders:
                rig.stack.simulator.fault(**{"to": None, "lasts_seconds": day_seconds, **order})
            began = time.monotonic()
            for place in range(calls // 2 // days):
                rig.queue_single(("one", "other")[place % 2])
            if day <= campaigns:
                rig.queue_campaign(("one", "other")[day % 2], size)
            if day % 10 == 1:
                rig.queue_junk(200)
            rig.forge()
            time.sleep(max(0.0, began + day_seconds - time.monotonic()))
        return rig.verdict()
    finally:
        rig.stop()


def main() -> int:
    """Exit code 0 if the month went as promised."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.bad_days", description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--campaigns", type=int, default=20)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--day-seconds", type=float, default=8.0)
    parser.add_argument("--keep", type=Path, help="a folder for the logs of the processes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        verdict = run(folder, options.seed, options.calls, options.campaigns, options.days, options.day_seconds)
    print(f"seed {options.seed}: {verdict}; {time.monotonic() - began:.0f} s")
    return int(not verdict.clean)


if __name__ == "__main__":
    sys.exit(main())
