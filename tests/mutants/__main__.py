"""`python -m tests.mutants`: takes out each guard in turn, and prints those that no test missed."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutants.guards import GUARDS, Guard
from tests.processes import ROOT

PATIENCE_SECONDS = 600
FAILED = 1


def survives(guard: Guard) -> bool:
    """Whether its tests pass without it. Raises ValueError if the guard stands in its file no longer, or twice."""
    text = (ROOT / guard.file).read_text("utf-8")
    if text.count(guard.piece) != 1:
        raise ValueError(f"{guard.file} does not hold this exactly once: {guard.piece!r}")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        ignored = shutil.ignore_patterns(".git", ".venv", ".data", "__pycache__", ".*_cache", ".hypothesis")
        shutil.copytree(ROOT, copy, ignore=ignored)
        (copy / guard.file).write_text(text.replace(guard.piece, guard.instead), "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *guard.tests]
        env = {**os.environ, "PYTHONPATH": str(copy)}
        ended = subprocess.run(
            command, cwd=copy, env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    if ended.returncode not in {0, FAILED}:
        raise ValueError(f"The tests of {guard.file} could not run:\n{ended.stdout[-2000:]}")
    return ended.returncode == 0


def main() -> int:
    """Exit code 1 if a guard survived that has no reason to."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--file", default="", help="only guards of files whose path holds this")
    options = parser.parse_args()
    guards = [guard for guard in GUARDS if options.file in guard.file]
    survivors = []
    for number, guard in enumerate(guards, start=1):
        survived = survives(guard)
        print(
            f"{number}/{len(guards)} {'SURVIVED' if survived else 'missed  '} {guard.file}: {guard.piece.strip()[:80]}",
            flush=True,
        )
        if survived:
            survivors.append(guard)
    print(f"{len(guards)} guards, {len(survivors)} survivors")
    for guard in survivors:
        print(f"  {guard.file}: {guard.piece.strip()!r}: {guard.reason or 'NO REASON'}")
    return int(any(not guard.reason for guard in survivors))


if __name__ == "__main__":
    sys.exit(main())
