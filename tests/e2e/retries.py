"""
Numbers of a campaign, tried again by themselves: python -m tests.e2e.retries [--seed N] [--numbers 1000] [--kills]

A fifth of the numbers is busy, a fifth does not answer, a tenth are machines, and each of these is called three times.
Holds what the simulator witnessed and the API tells against a plain calculation: attempts, gaps and counts. With
`--kills` processes and Redis are killed and paused all the while; then only lateness is forgiven.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from tests.e2e.fates import ANSWERED, Attempt, attempts_due, counts_due, fates_of, gaps, turns
from tests.e2e.rig import Rig
from tests.processes import BASE_PATH

MOST, GAP_SECONDS, APART_SECONDS = 3, 60, 1.012
RETRY = {"max_attempts": MOST, "delay_seconds": GAP_SECONDS, "on": ["busy", "no_answer", "machine"]}
#: Between two processes' clocks' readings, and of a request's way.
TOLERANCE_SECONDS = 0.05
#: Of 99 calls in a hundred: one that a busy machine held up goes a turn later.
LATE_SECONDS = 1.0


def rows_of(rig: Rig, task_id: str) -> list[dict[str, Any]]:
    """What the API tells of each number."""
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        url = f"{rig.stack.url}{BASE_PATH}/tasks/{task_id}/calls"
        page = requests.get(url, params={"limit": "200", **cursor}, timeout=20).json()
        rows += page["calls"]
        if not page["next_cursor"]:
            return rows
        cursor = {"cursor": page["next_cursor"]}


def run(folder: Path, seed: int, size: int, *, kills: bool) -> list[str]:
    """One campaign; what was not as calculated."""
    rig = Rig(folder, seed, 50, workers=("threads", "threads"))
    rig.stack.simulator.take_precedence()
    try:
        rig.start()
        fates = fates_of([rig.new_number() for _ in range(size)], seed)
        for number, fate in fates.items():
            if fate != ANSWERED:
                rig.stack.simulator.script(number, outcome=fate, ring_seconds=4)
        body = {"phone_numbers": list(fates), "delay_between_calls": 1, "max_concurrent_calls": 50, "retry": RETRY}
        task_id = rig.accept("queue-bulk-calls", {**body, "machine": {"on_machine": "hang_up"}})
        chaos = rig.chaos(gap_seconds=6.0)
        if kills:
            chaos.start()
        deadline = time.monotonic() + 120 + GAP_SECONDS * MOST + 2.5 * APART_SECONDS * size
        while rig.status(task_id)["status"] not in {"SUCCESS", "FAILURE", "REVOKED"} and time.monotonic() < deadline:
            time.sleep(2)
        if kills:
            chaos.stop()
            print(f"broken: {dict(chaos.broken)}")
        return judge(rig, task_id, fates, kills=kills)
    finally:
        rig.stack.stop()


def judge(rig: Rig, task_id: str, fates: dict[str, str], *, kills: bool) -> list[str]:
    """What was not as calculated; prints the figures."""
    calls = rig.stack.simulator.calls()
    attempts = [Attempt(call["to"], call["created_at"], call["ended"] or call["created_at"]) for call in calls]
    counts = {name: count for name, count in rig.status(task_id)["result"]["counts"].items() if count}
    rows = rows_of(rig, task_id)
    due, apart, came = (
        attempts_due(fates, MOST),
        gaps(attempts),
        turns(attempts, fates, MOST, GAP_SECONDS, APART_SECONDS),
    )
    faults = {
        "attempts witnessed": Counter(one.number for one in attempts) == due,
        "attempts told": {row["to_number"]: len(row["attempts"]) for row in rows} == due,
        "outcomes": {row["to_number"]: row["outcome"].replace("_", "-") for row in rows} == fates,
        "counts": counts == counts_due(fates),
        "gaps": min(apart) >= GAP_SECONDS - TOLERANCE_SECONDS,
        "pace": came.closest_seconds >= 1 - TOLERANCE_SECONDS,
        "lateness": kills or came.late_seconds[len(attempts) * 99 // 100] < LATE_SECONDS,
        "turns": kills or not came.passed_over,
    }
    print(
        f"{len(fates)} numbers, {len(attempts)} attempts, calculated {sum(due.values())}; {counts};"
        f" gaps {min(apart):.2f} to {max(apart):.2f} s; closest {came.closest_seconds:.3f} s;"
        f" late p99 {came.late_seconds[len(attempts) * 99 // 100]:.3f} s, most {came.late_seconds[-1]:.3f} s;"
        f" passed over {came.passed_over}"
    )
    return [name for name, right in faults.items() if not right]


def main() -> int:
    """Exit code 0 if all was as calculated."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.retries", description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--numbers", type=int, default=1000)
    parser.add_argument("--kills", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for the logs of the processes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        faults = run(folder, options.seed, options.numbers, kills=options.kills)
    print(f"seed {options.seed}: {'not as calculated: ' + ', '.join(faults) if faults else 'all as calculated'}")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
