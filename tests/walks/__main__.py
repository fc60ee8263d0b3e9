"""`python -m tests.walks --seed 7 --steps 150`: one random walk, and what it found."""

import argparse
import sys
import tempfile
from pathlib import Path

import structlog
from redis import Redis

from tests.processes import RedisServer
from tests.walks.gate import Fault
from tests.walks.walk import walk


def main() -> None:
    """Ends with a sentence and 1 if there is a fault."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=150)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder)).start()
        try:
            with Redis.from_url(server.url, decode_responses=True, protocol=2) as redis:
                walker = walk(redis, server.url, options.seed, options.steps)
        except Fault as fault:
            sys.exit(f"seed {options.seed}: {fault}")
        finally:
            server.stop()
    print(f"seed {options.seed}: {options.steps} steps, {len(walker.tasks)} tasks, no fault")


if __name__ == "__main__":
    main()
