"""Odd input for minutes: `make fuzz`, or `make fuzz ARGS='--seed 7'` for the same requests again."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests import logs
from tests.app.away import Away
from tests.fuzz import document
from tests.fuzz.server import served
from tests.fuzz.wire import Wire

_LONGEST_SECONDS = 1800.0


def main() -> int:
    """Prints what each part sent and found; returns 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    parser.add_argument("--examples", type=int, default=700, help="of each operation, for Schemathesis")
    parser.add_argument("--requests", type=int, default=7500, help="raw ones")
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for keys in (True, False):
            with served(Path(folder) / f"keys-{keys}", keys=keys) as away:
                failures += _fuzz_document(away, options.examples, options.seed, keys=keys)
                failures += _fuzz_wire(away, options.requests, options.seed, keys=keys)
                failures += _count("server", "exceptions in its log", away.output.count("Traceback"))
        failures += _count("server", "numbers, messages and secrets in its log", len(logs.RUN.leaks()))
    print(f"seed {options.seed}: {failures} failures")
    return int(failures > 0)


def _fuzz_document(away: Away, examples: int, seed: int, *, keys: bool) -> int:
    verdict = document.run(away.url, examples, seed, keys=keys, seconds=_LONGEST_SECONDS)
    if verdict.failures:
        print(verdict.output)
    return _count(f"schemathesis, {_shown(keys)}: {verdict.cases} cases", "failures", verdict.failures)


def _fuzz_wire(away: Away, requests: int, seed: int, *, keys: bool) -> int:
    wire = Wire(away.url)
    wire.fuzz(requests, seed)
    print(*wire.faults, sep="\n", end="")
    part = f"raw bytes, {_shown(keys)}: {wire.different} different requests, {wire.answers} answers"
    return _count(part, "failures", len(wire.faults))


def _shown(keys: bool) -> str:
    return "with a key" if keys else "without keys"


def _count(part: str, what: str, number: int) -> int:
    print(f"{part}: {number} {what}", flush=True)
    return number


if __name__ == "__main__":
    sys.exit(main())
