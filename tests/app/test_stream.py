"""GET /stream: a snapshot, then what changes; one reader for all who listen, and room for everybody else."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
import requests

from app.endpoints.streaming.board import FRAME_SECONDS, Board
from app.endpoints.streaming.frames import changes
from tests.app.away import Away
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.events import PATIENCE_SECONDS, listening
from tests.app.refusal import refused
from tests.app.test_tenants import API_KEYS, SECRETS
from tests.processes import BASE_PATH

CALL = {"to_number": "+12025550100"}


async def test_it_begins_with_a_snapshot_and_goes_on_with_what_changes(client: Client) -> None:
    async with listening(client) as events:
        first = await events.next()
        assert (first.kind, first.data["health"]["queue_depth"]) == ("snapshot", 0)
        await client.queue("queue-single-call", CALL)
        change = await events.until("health", queue_depth=1)
        assert change.kind == "change"
    headers = events.answer.headers
    assert (headers["Content-Type"], headers["X-Accel-Buffering"]) == ("text/event-stream; charset=utf-8", "no")
    assert headers["Cache-Control"] == "no-store"


async def test_changes_are_gathered_to_one_frame_a_second(client: Client) -> None:
    async with listening(client) as events:
        await events.next()
        began, frames, calls = time.monotonic(), 0, 25
        for _ in range(calls):
            await client.queue("queue-single-call", CALL)
            await asyncio.sleep(0.05)
        while True:
            event = await events.next()
            frames += event.kind == "change"
            if event.data and event.data["health"]["queue_depth"] == calls:
                break
        assert 1 <= frames <= (time.monotonic() - began) / FRAME_SECONDS + 1


async def test_all_who_listen_share_one_reader_and_nothing_is_read_when_nobody_does() -> None:
    reads = 0

    async def read(_: str | None) -> dict[str, int]:
        nonlocal reads
        reads += 1
        return {"reads": reads}

    board = Board(read)
    listeners = [board.listen(None) for _ in range(50)]
    for _ in range(2):
        assert len({await anext(listener) for listener in listeners}) == 1
    assert reads == 2
    for listener in listeners:
        await listener.aclose()
    await asyncio.sleep(FRAME_SECONDS * 2.5)
    assert reads <= 3
    again = board.listen(None)
    assert b"snapshot" in await anext(again)
    await again.aclose()
    await board.close()


async def test_who_missed_a_change_gets_a_snapshot() -> None:
    told = iter(range(100))

    async def read(_: str | None) -> dict[str, int]:
        return {"same": 7, "told": next(told)}

    board = Board(read)
    slow, quick = board.listen(None), board.listen(None)
    assert (await anext(slow), await anext(quick))[0].startswith(b"event: snapshot")
    frames = [await anext(quick) for _ in range(2)]
    assert [frame.split(b"\n")[0] for frame in frames] == [b"event: change"] * 2
    assert b'{"same":7,' in await anext(slow)
    await board.close()
    assert [frame async for frame in quick] == []


def test_of_rows_only_those_that_differ_are_told() -> None:
    before = {"rows": [{"id": 1, "at": 5}, {"id": 2, "at": 6}], "other": {"a": 1}}
    assert changes(before, {"rows": [{"id": 1, "at": 7}, {"id": 2, "at": 6}], "other": {"a": 1}}) == {
        "rows": [{"id": 1, "at": 7}]
    }
    assert changes(before, before) == {}


async def test_a_name_is_told_nothing_of_other_names(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    refused(await client.ask("GET", f"{BASE_PATH}/stream"), 401)
    async with AsyncExitStack() as stack:
        streams = {
            name: await stack.enter_async_context(listening(client, {"X-API-Key": SECRETS[name]})) for name in SECRETS
        }
        for events in streams.values():
            await events.next()
        await client.queue("queue-single-call", CALL, **{"X-API-Key": SECRETS["bob"]})
        for name in ("bob", "root", "auditor"):
            await streams[name].until("health", queue_depth=1)
        assert await streams["alice"].next() in [("comment", None)]


async def test_streams_leave_room_for_all_else(start: Start) -> None:
    client = await start(MAX_CONNECTIONS="8", TRUSTED_PROXIES="127.0.0.1")
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(listening(client, {"X-Forwarded-For": "192.0.2.1"}))
        full = await client.ask("GET", f"{BASE_PATH}/stream", headers={"X-Forwarded-For": "192.0.2.1"})
        refused(full, 503)
        assert full.headers["Retry-After"]
        for address in ("192.0.2.2", "192.0.2.3"):
            await stack.enter_async_context(listening(client, {"X-Forwarded-For": address}))
        refused(await client.ask("GET", f"{BASE_PATH}/stream", headers={"X-Forwarded-For": "192.0.2.4"}), 503)
        assert (await client.health()).status == 200
    async with asyncio.timeout(PATIENCE_SECONDS):  # those who left leave room
        while True:
            if (await client.ask("HEAD", f"{BASE_PATH}/stream")).status == 200:
                break
            await asyncio.sleep(0.02)


async def test_a_name_leaves_room_for_others_from_however_many_addresses(start: Start) -> None:
    client = await start(MAX_CONNECTIONS="8", TRUSTED_PROXIES="127.0.0.1", API_KEYS=API_KEYS)
    async with AsyncExitStack() as stack:

        def headers(name: str, address: int) -> dict[str, str]:
            return {"X-API-Key": SECRETS[name], "X-Forwarded-For": f"192.0.2.{address}"}

        for address in (1, 2):
            await stack.enter_async_context(listening(client, headers("alice", address)))
        refused(await client.ask("GET", f"{BASE_PATH}/stream", headers=headers("alice", 3)), 503)
        for _ in range(2):
            await stack.enter_async_context(listening(client, headers("bob", 1)))


async def test_it_ends_after_the_seconds_that_were_asked_for(client: Client) -> None:
    async with listening(client, query="?for_seconds=1") as events:
        while (event := await events.next()).kind:
            assert event.kind in {"snapshot", "change", "comment"}
    assert (await client.ask("HEAD", f"{BASE_PATH}/stream")).headers["Content-Type"].startswith("text/event-stream")


@pytest.mark.parametrize(
    "query",
    [
        *("for_seconds=0", "for_seconds=", "for_seconds=1e9", "for_seconds=86401", "for=1"),
        *("for_seconds=1&for_seconds=1", "for_seconds=1&for_seconds=2", "for_seconds=%D9%A3", "for_seconds=1%00"),
        *("for_seconds=00000000199999", f"for_seconds=000000001{'9' * 400}", f"for_seconds=000000001{'9' * 5000}"),
    ],
)
async def test_odd_parameters_are_refused(client: Client, query: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert list(refused(await client.ask("GET", f"{BASE_PATH}/stream?{query}"), 400)["errors"]) == [
            query.partition("=")[0]
        ]


async def test_the_end_of_the_process_ends_it(client: Client) -> None:
    async with listening(client) as events:
        await events.next()
        await client.http.server.close()
        while (await events.next()).kind:
            pass


def test_of_a_redis_that_is_away_is_told_and_of_its_return(away: Away) -> None:
    with requests.get(f"{away.start().url}{BASE_PATH}/stream", stream=True, timeout=60) as answer:
        lines = answer.iter_lines()
        assert any(b'"redis":true' in line for line in lines)
        away.kill_redis()
        assert any(b'"status":"unhealthy"' in line for line in lines)
        away.redis.start()
        assert any(b'"redis":true' in line for line in lines)
