"""The short torture: everything is broken for half a minute, and the oracle finds nothing amiss."""

import os
from pathlib import Path

from tests.e2e.rig import Rig
from tests.machine import Machine

CALLS_PER_SECOND = 6.0


def test_under_kills_pauses_and_faults_nothing_is_lost_doubled_or_too_fast(tmp_path: Path, machine: Machine) -> None:
    seed = int(os.environ.get("TORTURE_SEED", "1"))
    rig = Rig(tmp_path, seed, CALLS_PER_SECOND)
    try:
        rig.start()
        rig.break_twilio()
        chaos = rig.chaos(gap_seconds=1.0)
        chaos.start()
        rig.load(singles=120, campaigns=3)
        chaos.wait_for(kills=15, redis_restarts=2, seconds=90)
        chaos.stop()
        verdict = rig.verdict(machine=machine)
    finally:
        rig.stack.stop()
    told = f"seed {seed}: {verdict}; {dict(chaos.broken)}"

    assert (verdict.duplicates, verdict.lost, verdict.uninvited, verdict.unsettled, verdict.denied) == (0,) * 5, told
    assert verdict.accepted == 150, told
    assert verdict.most_in_ten_seconds <= 10 * CALLS_PER_SECOND, told
    assert verdict.most_in_second <= CALLS_PER_SECOND, told
