"""Who changed what stands in the log, whatever its level."""

import json
from typing import Any

from tests.app.away import Away
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.test_tenants import API_KEYS, CALL, ask, queued
from tests.processes import BASE_PATH


def lines(output: str) -> list[dict[str, Any]]:
    return [line for text in output.splitlines() if (line := json.loads(text))["event"] == "audit"]


async def test_each_cancel_and_deletion_is_told_with_the_name_of_the_key_and_what_came_of_it(
    start: Start, capsys: Any
) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root")
    task_id = await queued(client, "alice", "queue-single-call", CALL)
    for name, verb in (("bob", "cancel-task"), ("root", "cancel-task"), ("alice", "tasks"), ("alice", "tasks")):
        await ask(client, name, "DELETE", f"{BASE_PATH}/{verb}/{task_id}")
    acts = lines(capsys.readouterr().out)
    assert [(line["action"], line["by"], line["outcome"]) for line in acts] == [
        ("cancel", "root", True),
        ("delete", "alice", "forgotten"),
    ]
    assert {line["task_id"] for line in acts} == {task_id}


async def test_without_keys_it_is_nobodys_and_a_number_in_place_of_an_id_is_masked(client: Client, capsys: Any) -> None:
    await client.ask("DELETE", f"{BASE_PATH}/cancel-task/+12025550100")
    (act,) = lines(capsys.readouterr().out)
    assert (act["by"], act["outcome"], act["task_id"]) == (None, False, "+1202…00")


async def test_a_number_in_a_reason_is_masked(client: Client, capsys: Any) -> None:
    number = f"{BASE_PATH}/do-not-call/+12025550100"
    await client.ask("PUT", number)
    await client.ask("DELETE", f"{number}?reason=asked+from+%2B12025550111")
    assert lines(capsys.readouterr().out)[-1]["reason"] == "asked from +1202…11"


def test_neither_a_high_log_level_nor_redis_being_away_hides_an_act(away: Away) -> None:
    away.start(LOG_LEVEL="CRITICAL")
    cancel = f"{BASE_PATH}/cancel-task/{away.post('+12025550100').json()['task_id']}"
    assert away.timed("DELETE", cancel)[0].status_code == 200
    away.kill_redis()
    assert away.timed("DELETE", cancel)[0].status_code == 503
    away.stop_web()
    assert [line["outcome"] for line in lines(away.output)] == [True, "unknown"]
