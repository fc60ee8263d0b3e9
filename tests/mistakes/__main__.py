"""
Errs as operators do, at a running stack: python -m tests.mistakes [--seed N] [--calls 1000] [--campaigns 10]

Each mistake is refused, or named by /health, or harmless; no call is lost or dialled twice. Exits with 1 otherwise.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.mistakes.course import CALLS_PER_SECOND, NAMED_SECONDS, run
from tests.mistakes.repertoire import MISTAKES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--calls", type=int, default=1000, help="numbers in all")
    parser.add_argument("--campaigns", type=int, default=10, help="of ten numbers each")
    parser.add_argument("--rounds", type=int, default=2, help="how often each mistake is made")
    options = parser.parse_args()
    mistakes = [*MISTAKES] * options.rounds
    Random(options.seed).shuffle(mistakes)
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        course = run(
            Path(folder), options.seed, options.calls, options.campaigns, mistakes, lambda text: print(text, flush=True)
        )
    verdict = course.verdict
    late = {name: seconds for name, seconds in course.named.items() if seconds > NAMED_SECONDS}
    print(f"{verdict}; named later than {NAMED_SECONDS:g} s: {late}")
    above = verdict.most_in_second > CALLS_PER_SECOND
    return int(any((verdict.duplicates, verdict.lost, verdict.uninvited, verdict.unsettled, above, late)))


if __name__ == "__main__":
    sys.exit(main())
