"""
Attacks for minutes: `make attack`, or `make attack ARGS='--seed 3'` for the same draws again. The stack has one core,
the attacker the other; beside him, before him in line for it, an honest client is measured.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from tests.attack.battle import Battle
from tests.attack.shot import SECRETS
from tests.attack.stage import Stage
from tests.benchmarks.servers import LOAD_CORE, SERVER_CORE, on_core

_SECONDS: Final = 300.0
_MOST_P99_MS: Final = 100.0
_NICE: Final = 10


def main() -> int:
    """Prints what was shot and what came of it; returns 1 if anything is not as promised."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    parser.add_argument("--seconds", type=float, default=_SECONDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with on_core(SERVER_CORE):
            stage = Stage(Path(folder))
        try:
            with on_core(SERVER_CORE):
                stage.set()
            battle = Battle(stage.loot, options.seed)
            honest = _fight(battle, options.seconds)
            faults = [*battle.faults, *stage.changed(), *stage.wrongly_signed(), *honest["refused"]]
        finally:
            stage.stack.stop()
        faults += stage.logged()
    return _tell(battle, honest, faults, options.seed)


def _fight(battle: Battle, seconds: float) -> dict[str, Any]:
    """The honest client's figures."""
    words = ["-m", "tests.attack.honest", battle.loot.base_url, SECRETS["alice"], str(seconds)]
    with on_core(LOAD_CORE):
        honest = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
        os.nice(_NICE)
        asyncio.run(battle.rage(seconds))
        told, _ = honest.communicate(timeout=60)
    return dict(json.loads(told))


def _tell(battle: Battle, honest: dict[str, Any], faults: list[str], seed: int) -> int:
    print(*faults[:50], sep="\n", end="\n" if faults else "")
    print("shots:  ", ", ".join(f"{count} {kind}" for kind, count in sorted(battle.shots.items())))
    print("answers:", ", ".join(f"{count} x {status}" for status, count in sorted(battle.answers.items())))
    print(f"events signed for the attacker and caught: {len(battle.loot.caught)}")
    print(f"honest client: {honest['requests']} requests, {len(honest['refused'])} refused,", end=" ")
    print(*(f"{name[:-3]} {honest[name]} ms" for name in ("p50_ms", "p99_ms", "worst_ms")), sep=", ")
    slow = honest["p99_ms"] >= _MOST_P99_MS
    print(
        f"seed {seed}: {sum(battle.shots.values())} shots, {len(faults)} faults{', the honest client was slow' * slow}"
    )
    return int(bool(faults) or slow)


if __name__ == "__main__":
    sys.exit(main())
