"""
People opt out while they are being called: python -m tests.e2e.opt_outs [--seed N] [--tries 200]

So many numbers come onto a do-not-call list by the API at random instants, and in so many calls the opt-out digit is
pressed. Prints what left before and after the answers; exits with 1 if anything is not as promised.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.opting import Office, Verdict


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


def main() -> int:
    """Exit code 0 if all went as promised."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.opt_outs", description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="a folder for the logs of the processes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        verdict = run(folder, options.seed, options.tries)
    print(f"seed {options.seed}: {verdict}")
    return int(not verdict.clean)


if __name__ == "__main__":
    sys.exit(main())
