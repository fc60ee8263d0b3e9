"""worker.admin restore, requeue and reconcile: what Twilio and who opted out tell of the time since a copy."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import keys
from schemas.do_not_call.lists import SERVICE, OptOut, entries, entry_of, opt_in, opt_out
from schemas.scripts.outcome import placed
from tests.processes import FROM_NUMBER, Simulator
from tests.worker.copies import CALLER, Machine, Say, dialled, machine, restarted, say

__all__ = ["machine", "say"]


def test_what_may_have_been_dialled_since_is_looked_up_and_never_dialled_by_itself(
    machine: Machine, say: Say, simulator: Simulator, tmp_path: Path
) -> None:
    store, copy = machine.store(), tmp_path / "copy.aof"
    ended = store.placed("+12025560015", sid="CA" + "e" * 32)
    store.callback(ended, "completed")
    dialling = store.dialling("+12025560010")
    dialled_since, not_dialled, twice = (
        store.call("+12025560011"),
        store.call("+12025560012"),
        [store.call("+12025560013") for _ in range(2)],
    )
    later = store.call("+12025560014", delay_ms=3_600_000)
    campaign = store.campaign(*(f"+1202556002{index}" for index in range(4)), max_live=1)
    say("backup", str(copy))
    sids = {number: dialled(simulator, number) for number in ("+12025560010", "+12025560011", "+12025560020")}
    dialled(simulator, "+12025560013")

    store = restarted(machine, say, copy)
    new = store.call("+12025560012")  # accepted since the copy came up
    asked = json.loads(say("restore", str(copy), "--json"))
    assert asked == {"in_doubt": 9}
    assert json.loads(say("restore", str(copy), "--json")) == {"in_doubt": 0}
    told = json.loads(say("restore", str(copy), "--old-system-stopped", "--accept-lost-opt-outs", "--json"))
    assert (told["found"], told["unknown"]) == (3, 4)
    (apart,) = told["apart"]
    assert apart == f"+12025560013 from {CALLER}"

    assert store.task(dialling)["sid"] == sids["+12025560010"]
    assert store.task(dialled_since)["sid"] == sids["+12025560011"]
    assert store.task(f"{campaign}-1")["sid"] == sids["+12025560020"]
    assert [store.state(call) for call in (not_dialled, *twice)] == ["unknown"] * 3
    assert (store.state(later), store.state(new), store.state(ended)) == ("waiting", "waiting", "ended")
    assert store.ledger.admit(50) == []  # drained
    say("resume")
    assert store.ledger.admit(50) == [new]

    assert json.loads(say("requeue", campaign, "--json")) == {"task_id": campaign, "calls": 3, "changed": False}
    assert json.loads(say("requeue", campaign, "--yes", "--json"))["changed"]
    assert json.loads(say("requeue", not_dialled, "--yes", "--json"))["calls"] == 1
    assert [json.loads(say("requeue", one, "--yes", "--json"))["calls"] for one in twice] == [0, 0]
    assert say("requeue", campaign) == "0 calls would wait again: say --yes.\n"
    counts: dict[str, Any] = store.task(campaign)
    assert (counts["live"], counts["unknown"], counts["state"]) == ("1", "0", "active")
    assert not_dialled in store.ledger.admit(50)
    assert store.task(not_dialled)["attempt_number"] == "2"
    assert int(store.redis.ttl(keys.task(not_dialled))) == -1


def test_reconcile_tells_what_only_one_of_both_knows(machine: Machine, say: Say, simulator: Simulator) -> None:
    store = machine.store()
    alone = dialled(simulator, "+12025560050")
    known = dialled(simulator, "+12025560051")
    store.outcome(store.dialling("+12025560051"), placed(known, "queued", 60))
    lost = store.placed("+12025560052", sid="CA" + "d" * 32)
    for call in store.redis.scan_iter(keys.task("*")):
        store.redis.hincrby(call, "dialled_ms", -120_000)
    found = json.loads(say("reconcile", "--since", "2026-01-01T00:00Z", "--json"))
    kinds = {(one["difference"], one["call_sid"], one["id"]) for one in found}
    assert ("only at Twilio", alone, "") in kinds
    assert ("only here", "CA" + "d" * 32, lost) in kinds
    assert known not in {sid for kind, sid, _ in kinds if kind.startswith("only")}
    with pytest.raises(SystemExit):
        say("reconcile", "--since", "2026-01-01T00:00")
    assert FROM_NUMBER == CALLER


def test_a_copy_does_not_begin_to_dial_before_it_knows_who_opted_out_since(
    machine: Machine, say: Say, tmp_path: Path
) -> None:
    store, copy, proof = machine.store(), tmp_path / "copy.aof", tmp_path / "opt-outs.jsonl"
    early, late, gone = "+12025560060", "+12025560061", "+12025560062"
    for number in (early, gone):
        store.scripts.run(opt_out(OptOut(SERVICE, [number])))
    say("backup", str(copy))
    store.scripts.run(opt_out(OptOut(SERVICE, [late], by="alice")))
    store.scripts.run(opt_in(SERVICE, gone, "", "asked to be called"))
    proof.write_text(say("opt-outs"))
    assert {json.loads(line).get("number") for line in proof.read_text().splitlines()} == {None, early, late, gone}

    store = restarted(machine, say, copy)
    store.scripts.run(opt_out(OptOut(SERVICE, ["+12025560063"])))  # before the merge
    say("restore", str(copy))
    for words in (("restore", str(copy), "--old-system-stopped"), ("accept-copy",)):
        with pytest.raises(SystemExit, match="--accept-lost-opt-outs"):
            say(*words)
        assert store.redis.exists(keys.COPY)
    broken = tmp_path / "broken.jsonl"
    broken.write_text(proof.read_text()[:-20])
    with pytest.raises(SystemExit, match="nothing is merged"):
        say("restore", str(copy), "--old-system-stopped", "--opt-outs", str(broken))
    say("restore", str(copy), "--old-system-stopped", "--opt-outs", str(proof))

    found = [entry.number for entry in store.scripts.run(entries(SERVICE, "", 9))]
    assert found == [early, late, "+12025560063"]
    entry = store.scripts.run(entry_of(SERVICE, late))
    assert entry is not None
    assert entry.by == "alice"
    assert not store.redis.exists(keys.COPY)
