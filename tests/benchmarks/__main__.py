"""
Measures the program beside others doing the same work: python -m tests.benchmarks

Each group of figures is a module with `rows(rounds, folder)`; they are named in GROUPS.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from tests.benchmarks import (
    admission,
    budget,
    campaigns,
    closings,
    idle,
    lateness,
    life,
    listening,
    memory,
    pauses,
    seeing,
    starting,
    throughput,
    web,
)
from tests.benchmarks.table import Row, markdown

GROUPS: Final[Mapping[str, Callable[[int, Path], Iterable[Row]]]] = {
    "web": web.rows,
    "pauses": pauses.rows,
    "start": starting.rows,
    "throughput": throughput.rows,
    "lateness": lateness.rows,
    "campaigns": campaigns.rows,
    "closings": closings.rows,
    "admission": admission.rows,
    "memory": memory.rows,
    "seeing": seeing.rows,
    "idle": idle.rows,
    "budget": budget.rows,
    "life": life.rows,
    "listening": listening.rows,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is taken (default: 5)")
    parser.add_argument("groups", nargs="*", choices=[[], *GROUPS], help=f"of {', '.join(GROUPS)}; none: all")
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.groups or GROUPS:
        sys.stderr.write(f"{name}:\n")
        with tempfile.TemporaryDirectory() as folder:
            rows.extend(GROUPS[name](options.rounds, Path(folder)))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, median of {options.rounds}, taking turns\n")
    print(markdown(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
