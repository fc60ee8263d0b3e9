"""worker.admin opt-outs: proof that outlives the Redis that it comes from, and tells when it is of no use."""

import json
from pathlib import Path

import pytest

from schemas import keys
from schemas.do_not_call.lists import SERVICE, OptOut, entry_of, opt_out
from tests.processes import wait_until
from tests.worker.copies import Machine, Say, machine, restarted, say
from worker.admin.copies.backup import now_ms

__all__ = ["machine", "say"]

EARLY, LATE = "+12025560070", "+12025560071"


def test_a_proof_stays_what_it_was_until_a_new_one_is_whole(machine: Machine, say: Say, tmp_path: Path) -> None:
    """As it is written every few minutes, also at the moment in which Redis is lost, by which a shell empties it."""
    folder = tmp_path / "proofs"
    folder.mkdir()
    proof = folder / "opt-outs.jsonl"
    machine.store().scripts.run(opt_out(OptOut(SERVICE, [EARLY])))
    assert say("opt-outs", str(proof)) == ""
    before = proof.read_text()
    assert [json.loads(line).get("number") for line in before.splitlines()] == [None, EARLY]
    assert proof.stat().st_mode & 0o077 == 0

    machine.server.stop()
    with pytest.raises(SystemExit, match="does not answer"):
        say("opt-outs", str(proof))
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"opt-outs.jsonl": before}


def test_a_proof_from_before_the_copy_is_none_of_what_came_since(machine: Machine, say: Say, tmp_path: Path) -> None:
    store, copy = machine.store(), tmp_path / "copy.aof"
    early, late, undated = (tmp_path / name for name in ("early.jsonl", "late.jsonl", "undated.jsonl"))
    store.scripts.run(opt_out(OptOut(SERVICE, [EARLY])))
    say("opt-outs", str(early))
    written_ms = now_ms(store.redis)
    wait_until(lambda: now_ms(store.redis) > written_ms)
    say("backup", str(copy))
    store.scripts.run(opt_out(OptOut(SERVICE, [LATE])))
    say("opt-outs", str(late))
    undated.write_text(late.read_text().replace('"at_ms"', '"of an earlier version"'))

    store = restarted(machine, say, copy)
    for words in (("restore", str(copy), "--old-system-stopped"), ("accept-copy",)):
        with pytest.raises(SystemExit, match=r"early\.jsonl was written before the copy"):
            say(*words, "--opt-outs", str(early))
        assert store.redis.exists(keys.COPY)
    say("accept-copy", "--opt-outs", str(undated))
    assert store.scripts.run(entry_of(SERVICE, LATE)) is not None
    say("accept-copy", "--opt-outs", str(late))
