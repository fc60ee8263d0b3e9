"""`python -m tests.walks.moves --seeds 1-50 --steps 300`: random walks, and what they found, in few moves."""

import argparse
import sys
import tempfile
from pathlib import Path

import structlog
from redis import Redis

from tests.processes import RedisServer
from tests.walks.gate import Fault
from tests.walks.moves.course import drawn, shrunk, walk


def main() -> None:
    """Ends with what was found and 1 if there is a fault."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1-10")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--shrink", action="store_true")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder)).start()
        try:
            with Redis.from_url(server.url, decode_responses=True, protocol=2) as redis:
                for seed in range(int(first), int(last or first) + 1):
                    moves = drawn(redis, seed, options.steps)
                    try:
                        walk(redis, moves)
                    except Fault as fault:
                        found += 1
                        print(f"seed {seed}: {fault}")
                        if options.shrink:
                            fewer = shrunk(redis, moves)
                            print(fewer)
                            try:
                                walk(redis, fewer)
                            except Fault as told:
                                print(f"shrunk: {told}", flush=True)
        finally:
            server.stop()
    print(f"seeds {options.seeds}: {found} with faults")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
