"""Removes what `make run` kept, waiting calls too, if nothing runs: what `make reset` runs."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from docker.local.data import FOLDER, lock
from docker.local.environment import StartError


def reset(root: Path, real_too: bool) -> str:
    """Removes; returns a sentence about it. Raises StartError when the stack runs."""
    if not root.exists():
        return f"There is nothing to reset: {root} does not exist."
    held = lock(root)
    try:
        folders = sorted(path for path in root.iterdir() if path.is_dir())
        kept = [] if real_too else [path.name for path in folders if path.name.startswith("AC")]
        for path in root.iterdir():
            if path not in folders:
                path.unlink()
            elif path.name not in kept:
                shutil.rmtree(path.resolve())
                path.unlink(missing_ok=True)
        if kept:
            return f"Reset, but for real calls: {', '.join(kept)} (make reset ARGS=--all removes these too)."
        if not root.is_symlink():
            root.rmdir()
        return f"Reset: {', '.join(path.name for path in folders)}."
    finally:
        os.close(held)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m docker.local.reset", description=__doc__)
    parser.add_argument("--all", action="store_true", help="the data of real accounts too")
    args = parser.parse_args()
    try:
        print(reset(FOLDER, args.all))
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename} cannot be removed: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
