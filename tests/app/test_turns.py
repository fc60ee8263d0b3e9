"""However much one name reads at the same time, others are answered meanwhile."""

import asyncio

import pytest

from app.store.turns import MOST_AT_ONCE
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_tenants import API_KEYS, CALL, ask
from tests.processes import BASE_PATH

MANY = 60
FEW = 10
LISTS = {
    "tasks": "tasks?limit=200",
    "tasks, of which none fits": "tasks?limit=200&external_id=none",
    "calls": "calls?limit=200",
}


@pytest.mark.parametrize("path", LISTS.values(), ids=LISTS)
async def test_who_reads_many_lists_at_once_keeps_nobody_else_waiting(start: Start, path: str) -> None:
    client = await start(API_KEYS=API_KEYS)
    for _ in range(200):
        assert (await ask(client, "alice", "POST", f"{BASE_PATH}/queue-single-call", CALL)).status == 200
    lists = [asyncio.create_task(ask(client, "alice", "GET", f"{BASE_PATH}/{path}")) for _ in range(MANY)]
    await asyncio.wait(lists, return_when=asyncio.FIRST_COMPLETED)
    for _ in range(FEW):
        assert (await ask(client, "bob", "POST", f"{BASE_PATH}/queue-single-call", CALL)).status == 200
    read = sum(one.done() and one.result().status == 200 for one in lists)
    statuses = {one.status for one in await asyncio.gather(*lists)}
    assert read <= 2 * MOST_AT_ONCE * FEW
    assert statuses <= {200, 429}


async def test_who_waits_too_long_for_a_turn_is_told_to_come_again(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.turns.PATIENCE_SECONDS", 0.0)
    client = await start(API_KEYS=API_KEYS)
    path = f"{BASE_PATH}/do-not-call"
    answers = await asyncio.gather(*(ask(client, "alice", "GET", path) for _ in range(MANY)))
    crowded = [one for one in answers if one.status != 200]
    assert 0 < len(crowded) < MANY
    for one in crowded:
        refused(one, 429)
        assert one.headers["Retry-After"] == "1"
    assert (await ask(client, "bob", "GET", path)).status == 200
    assert (await ask(client, "alice", "GET", path)).status == 200


async def test_where_nobody_has_a_name_nobody_waits_for_a_turn(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.turns.PATIENCE_SECONDS", 0.0)
    client = await start()
    answers = await asyncio.gather(*(client.ask("GET", f"{BASE_PATH}/do-not-call") for _ in range(MANY)))
    assert {one.status for one in answers} == {200}
