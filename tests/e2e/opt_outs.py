"""
People opt out while they are being called: python -m tests.e2e.opt_outs [--seed N] [--tries 200] [--failover]

So many numbers come onto a do-not-call list by the API at random instants, and in so many calls the opt-out digit is
pressed. Prints what left before and after the answers; exits with 1 if anything is not as promised. With --failover,
Redis's primary is cut off from its replicas and dies midway, once in each of the two ways.
"""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.e2e.failover import CUT_OFF_SECONDS
from tests.e2e.opting import Office, Verdict
from tests.e2e.sentinels import Sentinels
from tests.processes import wait_until


def run(folder: Path, seed: int, tries: int) -> Verdict:
    """Both ways, one after the other, on one stack."""
    office = Office(folder, seed)
    try:
        office.start()
        office.additions(tries)
        office.key_presses(tries)
        return office.verdict()
    finally:
        office.stack.stop()


def over_a_failover(folder: Path, seed: int, tries: int, *, by_digit: bool) -> Verdict:
    """One way, while the primary is cut off from its replicas for a moment, and is killed then."""
    sentinels = Sentinels(folder)
    office = Office(folder, seed, sentinels)
    try:
        office.start()
        opting = threading.Thread(target=office.key_presses if by_digit else office.additions, args=(tries,))
        opting.start()
        wait_until(lambda: office.stack.simulator.created() > tries, what="some calls have left")
        sentinels.cut_off()
        time.sleep(CUT_OFF_SECONDS)
        sentinels.kill_primary()
        sentinels.wait_for_failover()
        opting.join()
        return office.verdict()
    finally:
        office.stack.stop()
        sentinels.stop()


def main() -> int:
    """Exit code 0 if all went as promised."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.opt_outs", description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("--failover", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for the logs of the processes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        if options.failover:
            verdicts = []
            for by_digit in (False, True):
                way = folder / ("digit" if by_digit else "list")
                way.mkdir()
                verdicts.append(over_a_failover(way, options.seed, options.tries, by_digit=by_digit))
        else:
            verdicts = [run(folder, options.seed, options.tries)]
    for verdict in verdicts:
        print(f"seed {options.seed}: {verdict}")
    return int(not all(verdict.clean for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
