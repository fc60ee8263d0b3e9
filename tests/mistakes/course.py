"""One run: calls go, the operator errs, and the oracle counts."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from redis import Redis

from tests.e2e.oracle import Verdict
from tests.e2e.rig import Rig
from tests.mistakes.repertoire import MISTAKES, Operator, problems
from tests.processes import wait_until

#: As the contract has it, and what a busy machine may take besides.
NAMED_SECONDS = 15.0
BUSY_SECONDS = 30.0
CALLS_PER_SECOND = 20


@dataclass
class Course:
    """What came of it."""

    verdict: Verdict
    named: dict[str, float] = field(default_factory=dict)  #: mistake -> seconds until /health named it
    harmless: list[str] = field(default_factory=list)


def run(
    folder: Path, seed: int, calls: int, campaigns: int, mistakes: Sequence[str], say: Callable[[str], None]
) -> Course:
    """Makes the mistakes one after another while calls go."""
    rig, random = Rig(folder, seed, calls_per_second=CALLS_PER_SECOND, workers=("threads",)), Random(seed)
    named: dict[str, float] = {}
    harmless: list[str] = []
    try:
        rig.start()
        rig.stack.simulator.take_precedence()
        load = threading.Thread(target=rig.load, args=(calls - 10 * campaigns, campaigns), daemon=True)
        load.start()
        with Redis.from_url(rig.stack.redis.url, decode_responses=True, protocol=2) as redis:
            operator = Operator(rig, redis, random)
            for name in mistakes:
                make, code = MISTAKES[name]
                mend = make(operator)
                began = time.monotonic()
                try:
                    if code:
                        wait_until(lambda code=code: code in problems(rig), BUSY_SECONDS, f"{name}: {code}")  # type: ignore[misc]
                        named[name] = max(named.get(name, 0.0), time.monotonic() - began)
                    else:
                        harmless.append(name)
                finally:
                    mend()
                say(f"{name}: " + (f"named {code} after {named[name]:.1f} s" if code else "refused or harmless"))
            wait_until(lambda: not problems(rig), what="all is mended")
            load.join()
        verdict = rig.verdict(settle_seconds=max(90.0, calls / 5))
    finally:
        rig.stack.stop()
    return Course(verdict, named, harmless)
