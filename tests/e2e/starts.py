"""
The whole stack, started again and again, some at once: python -m tests.e2e.starts [--times 20] [--at-once 3]

Each start is one of another process, as tests are under xdist. Prints what went wrong; exits with 1 if anything did.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.ports import reserve_port
from tests.stack import Stack


def start(number: int) -> str:
    """Starts a stack with two web processes and stops it; what went wrong, if anything."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        try:
            stack.start_web(reserve_port())
            stack.start(beats=2)
        except AssertionError as error:
            return f"start {number}: {error}"
        finally:
            stack.stop()
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=3)
    options = parser.parse_args()
    began = time.monotonic()
    with ProcessPoolExecutor(options.at_once, multiprocessing.get_context("spawn")) as pool:
        faults = [fault for fault in pool.map(start, range(1, options.times + 1)) if fault]
    print(*faults, sep="\n", end="\n" if faults else "")
    ports = sum("in use" in fault for fault in faults)
    print(
        f"{options.times} starts, {options.at_once} at once, in {time.monotonic() - began:.0f} s:"
        f" {ports} faults of ports, {len(faults) - ports} others"
    )
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
