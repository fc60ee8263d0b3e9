"""python -m worker.admin: the operator's commands, on a real Redis."""

import json
import os
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest
from redis import Redis

from schemas.scripts.outcome import refused
from tests.ports import reserve_port
from tests.processes import ROOT
from tests.scripts.conftest import Store
from tests.worker.operator import Operator
from worker.admin.__main__ import main
from worker.admin.copies.backup import copy_id

NUMBER = "+12025550100"


@pytest.fixture
def store(redis: "Redis") -> Store:
    one = Store(redis, 1, 30, 7)
    one.ledger.pulse("worker@here/1")
    one.ledger.clock("beat")
    return one


def test_queue_shows_what_waits_what_is_live_and_who_is_alive(operator: Operator, store: Store) -> None:
    campaign = store.campaign(NUMBER, "+12025550101", rank=1)
    store.ledger.admit(50)
    for rank in (1, 2, 2, 3):
        store.call(rank=rank)
    store.call(delay_ms=60_000)
    found = operator.json("queue")

    due = {"high": 1, "normal": 2, "low": 1}
    assert found["waiting"] == {"not_due": 2, "due_calls": 4, "due_by_priority": due, "due_campaigns": 0}
    assert found["live"] == {"total": 1, "limit": 7, "dispatched": 1}
    assert found["campaigns"] == [{"id": campaign, "waiting": 1, "live": 1, "max_live": 10}]
    assert (found["workers"], found["beats"]) == (["worker@here/1"], ["beat"])
    assert found["account"]["next_call_at"].endswith("Z")
    assert found["account"]["held"] is None

    text = operator.run("queue")
    assert "due calls:              4 (1 high, 2 normal, 1 low)\n" in text
    assert "live calls:             1 of 7 (1 dispatched)\n" in text
    assert text.splitlines()[-1].split() == [campaign, "1", "1", "10"]


def test_queue_asks_redis_once_so_that_it_shows_one_instant(operator: Operator, store: Store) -> None:
    store.dialling(NUMBER)
    store.campaign("+12025550101")
    operator.run("queue")
    with store.redis.monitor() as monitor:
        operator.run("queue")
        store.redis.echo("that was all")
        seen = takewhile(lambda one: "that was all" not in one["command"], monitor.listen())
        asked = [one["command"].split()[0] for one in seen if one["client_type"] != "lua"]

    assert [command for command in asked if command not in {"CLIENT", "HELLO", "SELECT"}] == ["EVALSHA"]


def test_queue_says_what_holds_everything(operator: Operator, store: Store) -> None:
    store.hold("Account is not active")
    operator.run("drain")
    store.pass_time(60)
    text = operator.run("queue")

    assert "account held:           Account is not active\n" in text
    assert "drained since:          2" in text
    assert text.count("none is alive") == 2


def test_explain_tells_state_and_reason(operator: Operator, store: Store) -> None:
    call = store.call()
    assert operator.run("explain", call) == "waiting: its turn has come, workers are being told\n"
    store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    assert operator.json("explain", call) == {"task_id": call, "state": "dialling", "reason": "a worker has it"}


def test_drain_stops_admission_until_resume_and_says_whether_it_changed_anything(
    operator: Operator, store: Store
) -> None:
    call = store.call()
    assert operator.run("drain").startswith("No call goes any more")
    assert operator.run("drain") == "Nothing changed: it is drained already.\n"
    assert operator.run("explain", call).startswith("waiting: drained: the operator lets no call go since 2")
    assert store.ledger.admit(50) == []
    assert operator.json("resume") == {"drained": False, "changed": True}
    assert operator.run("resume") == "Nothing changed: it is not drained.\n"
    acts = [("drain", True), ("drain", False), ("resume", True), ("resume", False)]
    assert [(line["action"], line["outcome"]) for line in operator.audit] == acts
    assert {line["by"] for line in operator.audit} == {f"uid {os.getuid()}"}
    assert store.ledger.admit(50) == [call]


def test_who_decides_over_a_copy_or_whose_the_calls_are_stands_in_the_log(
    operator: Operator, redis: "Redis", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "1" * 32)
    copy = tmp_path / "copy.aof"
    operator.run("backup", str(copy))
    redis.hset("tw:copy", mapping={"id": copy_id(copy), "from_ms": 1, "at_ms": 2})
    for words in (
        ("take-account",),
        ("restore", str(copy)),
        ("accept-copy", "--accept-lost-opt-outs"),
        ("requeue", "--all"),
        ("requeue", "--all", "--yes"),
    ):
        operator.run(*words)

    acts = [("take-account", True), ("restore", "0 in doubt"), ("accept-copy", True), ("requeue", 0)]
    assert [(line["action"], line["outcome"]) for line in operator.audit] == acts


def test_who_gives_a_number_in_place_of_a_task_does_not_find_it_in_the_log(
    store: Store, operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="not found"):
        operator.run("pause", "+12025550100")
    assert json.loads(capsys.readouterr().err)["task_id"] == "+1202…00"


def test_find_shows_every_call_to_a_number_and_campaigns_that_will_call_it(operator: Operator, store: Store) -> None:
    call, other = store.call(NUMBER), store.call("+12025550199")
    campaign = store.campaign(NUMBER)
    assert {found["id"] for found in operator.json("find", NUMBER)} == {call, campaign}
    while f"{campaign}-1" not in store.ledger.admit(50):
        store.pass_time(60)
    found = operator.run("find", NUMBER)

    assert f"{campaign}-1  bulk_call  dispatched" in found
    assert call in found
    assert other not in found
    assert operator.run("find", "+12025550177") == "No call to +12025550177 is on record.\n"


def test_forget_number_removes_every_trace_but_not_while_it_is_called(
    operator: Operator, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    call, other = store.dialling(NUMBER), store.call("+12025550199")
    with pytest.raises(SystemExit, match="is live"):
        operator.run("forget-number", NUMBER)
    capsys.readouterr()
    store.outcome(call, refused("number", "No.", by_twilio=True))
    store.campaign(NUMBER)

    assert operator.run("forget-number", NUMBER) == "Calls and waiting numbers that were blanked: 2.\n"
    assert operator.json("forget-number", NUMBER) == {"blanked": 0}
    assert NUMBER not in operator.run("export")
    assert operator.json("find", "+12025550199")[0]["id"] == other
    assert {line["number"] for line in operator.audit} == {"+1202…00"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("explain", "no-such-task"), "Task no-such-task not found."),
        (("find", "12025550100"), "Phone number must be in E.164 format (e.g., +1234567890)."),
    ],
)
def test_what_cannot_be_answered_is_one_sentence_and_exit_code_1(
    operator: Operator, store: Store, words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == sentence


def test_without_redis_the_command_says_so_and_ends_with_1() -> None:
    url = f"redis://127.0.0.1:{reserve_port()}/0"
    broker = {"CELERY_BROKER_URL": url.replace("//", "//:sesame@")}
    command = [sys.executable, "-m", "worker.admin", "queue"]
    ended = subprocess.run(command, cwd=ROOT, env=broker, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"Redis at {url} does not answer: ConnectionError.\n"
