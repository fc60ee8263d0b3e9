"""python -m worker.admin: the operator's commands, on a real Redis."""

import csv
import io
import json
import subprocess
import sys
from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.states import CallState
from tests.processes import ROOT, RedisServer, free_port
from tests.scripts.conftest import Store
from worker.admin.__main__ import main

NUMBER = "+12025550100"


class Operator:
    """Runs commands as an operator does."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *words: str) -> str:
        main(words)
        captured = self._capsys.readouterr()
        assert captured.err == ""
        return captured.out

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))


@pytest.fixture
def operator(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer
) -> Operator:
    monkeypatch.setenv("CELERY_BROKER_URL", redis_server.url)
    monkeypatch.setenv("MAX_LIVE_CALLS", "7")
    return Operator(capsys)


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
    assert found["account"]["halted"] is None

    text = operator.run("queue")
    assert "due calls:              4 (1 high, 2 normal, 1 low)\n" in text
    assert "live calls:             1 of 7 (1 dispatched)\n" in text
    assert text.splitlines()[-1].split() == [campaign, "1", "1", "10"]


def test_queue_says_what_holds_everything(operator: Operator, store: Store) -> None:
    store.ledger.halt("Account is not active")
    operator.run("drain")
    store.pass_time(60)
    text = operator.run("queue")

    assert "account halted:         Account is not active\n" in text
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
    assert operator.run("explain", call).startswith("waiting: the operator lets no call go since 2")
    assert store.ledger.admit(50) == []
    assert operator.json("resume") == {"drained": False, "changed": True}
    assert operator.run("resume") == "Nothing changed: it is not drained.\n"
    assert store.ledger.admit(50) == [call]


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


def test_export_streams_every_record(operator: Operator, store: Store) -> None:
    calls = [store.call(f"+1202555{index:04d}") for index in range(30)]
    campaign = store.campaign(NUMBER)
    store.redis.hset(keys.task("damaged"), mapping={"kind": "single", "state": "lost"})
    rows = [json.loads(line) for line in operator.run("export", "--jsonl").splitlines()]

    by_id = {row["id"]: row for row in rows}
    assert set(by_id) == {*calls, campaign, "damaged"}
    assert by_id[calls[3]]["to_number"] == "+12025550003"
    assert by_id[calls[3]]["metadata"] == {"a": 1}
    assert by_id[campaign]["counts"]["waiting"] == 1
    assert by_id["damaged"]["state"] == "damaged"
    assert operator.run("export") == operator.run("export", "--jsonl")


@pytest.mark.parametrize("digits", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_of_a_csv_export_is_a_formula(operator: Operator, store: Store, digits: str) -> None:
    call = store.dialling(NUMBER)
    store.ledger.settle(call, CallState.PLACED, {"digits": digits, "error": 'a "quoted", cell'})
    [row] = csv.DictReader(io.StringIO(operator.run("export", "--csv"), newline=""))

    assert (row["id"], row["to_number"], row["digits"]) == (call, f"'{NUMBER}", f"'{digits}")
    assert (row["error"], row["metadata"]) == ('a "quoted", cell', '{"a": 1}')
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values())


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
    broker = {"CELERY_BROKER_URL": f"redis://127.0.0.1:{free_port()}/0"}
    command = [sys.executable, "-m", "worker.admin", "queue"]
    ended = subprocess.run(command, cwd=ROOT, env=broker, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "Redis (REDIS_URL) does not answer: ConnectionError.\n"
