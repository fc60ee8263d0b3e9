"""However much one name asks for at the same time, others are answered meanwhile."""

import asyncio

import pytest

from app.store.turns import MOST_AT_ONCE, TURNS, turn
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_tenants import API_KEYS, CALL, ask
from tests.processes import BASE_PATH

MANY = 60
FEW = 10
NUMBERS = [f"+1202555{place:04}" for place in range(1000)]
ASKED: dict[str, tuple[str, str, object]] = {
    "tasks": ("GET", "tasks?limit=200", None),
    "tasks, of which none fits": ("GET", "tasks?limit=200&external_id=none", None),
    "calls": ("GET", "calls?limit=200", None),
    "campaigns": ("POST", "queue-bulk-calls", {"phone_numbers": NUMBERS, "start": "paused"}),
    "numbers that are not to be called": ("POST", "do-not-call", {"phone_numbers": NUMBERS}),
}


@pytest.mark.parametrize(("method", "path", "body"), ASKED.values(), ids=ASKED)
async def test_who_asks_for_much_at_once_keeps_nobody_else_waiting(
    start: Start, method: str, path: str, body: object
) -> None:
    client = await start(API_KEYS=API_KEYS)
    for _ in range(200):
        assert (await ask(client, "alice", "POST", f"{BASE_PATH}/queue-single-call", CALL)).status == 200
    asked = [asyncio.create_task(ask(client, "alice", method, f"{BASE_PATH}/{path}", body)) for _ in range(MANY)]
    await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    for _ in range(FEW):
        assert (await ask(client, "bob", "POST", f"{BASE_PATH}/queue-single-call", CALL)).status == 200
    done = sum(one.done() and one.result().status != 429 for one in asked)
    statuses = {one.status for one in await asyncio.gather(*asked)}
    assert done <= 2 * MOST_AT_ONCE * FEW
    assert statuses <= {200, 429}


async def test_between_two_passes_of_the_event_loop_few_have_their_turn_though_they_wait_for_nothing() -> None:
    TURNS.set(asyncio.Semaphore(MOST_AT_ONCE))
    done = 0

    async def one() -> None:
        nonlocal done
        async with turn(), turn():  # within one no further one is needed
            done += 1

    async with asyncio.TaskGroup() as all_at_once:
        for _ in range(MANY):
            all_at_once.create_task(one())
        while done < MANY:
            before = done
            await asyncio.sleep(0)
            assert done - before <= MOST_AT_ONCE


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
