"""With a folder of its own the simulator keeps its calls over a restart, also over one that nobody announced."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulator.calls.archive import Archive
from simulator.journal import Journal
from simulator.server import build_app
from simulator.settings import Settings
from tests.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, SILENCE, Receiver, Running, order, serve, until
from tests.simulator.test_process import process

Run = Callable[..., Awaitable[tuple[Running, AsyncExitStack]]]
SAY = "<Response><Say>Good day</Say></Response>"


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    """Starts one simulator after the other on the same folder; each ends when its stack is closed."""
    async with AsyncExitStack() as all_of_them:
        http = await all_of_them.enter_async_context(aiohttp.ClientSession())

        async def run_one(**settings: Any) -> tuple[Running, AsyncExitStack]:
            given: dict[str, Any] = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "speed": 100.0}
            app = await build_app(Settings(**given | settings), Journal("console", None), Archive(tmp_path / "kept"))
            stack = await all_of_them.enter_async_context(AsyncExitStack())
            return Running(await serve(app, stack), http), stack

        yield run_one


async def status_of(simulator: Running, sid: str) -> str:
    return str((await simulator.oracle(sid))["status"])


async def test_a_call_that_ended_is_as_it_was_and_ids_go_on(run: Run, receiver: Receiver) -> None:
    first, stack = await run()
    document = receiver.twiml("/twiml", SAY)
    sid = await order(first, receiver, "+15552230104", Url=document, MachineDetection="Enable", Record="true")
    before = await first.ended(sid)
    await stack.aclose()
    second, _ = await run()

    assert await second.oracle(sid) == before
    later = await second.call("+15552230002")
    newest = await asyncio.to_thread(second.client().calls.list)
    assert [call.sid for call in newest] == [later, sid]
    assert (await second.control("GET", "summary"))["created"] == 2


@pytest.mark.parametrize(
    ("script", "reached"),
    [({"ring_seconds": 100}, "ringing"), ({"ring_seconds": 0, "talk_seconds": 100}, "in-progress")],
)
async def test_a_live_call_goes_on_from_where_it_was(
    run: Run, receiver: Receiver, script: dict[str, object], reached: str
) -> None:
    first, stack = await run(speed=50.0)
    await first.control("PUT", "numbers/+15552230001", script)
    sid = await order(first, receiver, "+15552230001", Twiml=SAY, Timeout="600")

    async def is_told() -> bool:
        return [one.form["CallStatus"] for one in receiver.received][-1:] == [reached]

    await until(is_told)
    await stack.aclose()
    second, _ = await run(speed=50.0)
    call = await second.ended(sid)

    assert call["status"] == "completed"
    assert call["ended"] - call["started"] > 1.9
    assert [one.form["CallStatus"] for one in receiver.received][-2:] == ["in-progress", "completed"]
    assert call["heard"].count("Say: Good day") == 1


async def test_calls_that_wait_for_the_accounts_pace_keep_their_order(run: Run) -> None:
    first, stack = await run(calls_per_second=5.0)
    sids = [await first.call(f"+1555223{number:04}") for number in range(4)]
    await stack.aclose()
    second, _ = await run(calls_per_second=5.0)
    started = [(await second.ended(sid))["started"] for sid in sids]

    assert started == sorted(started)


async def test_time_that_passed_meanwhile_has_passed_for_the_callee_too(run: Run) -> None:
    first, stack = await run()
    await first.control("PUT", "numbers/+15552230001", {"ring_seconds": 0, "talk_seconds": 40})
    sid = await first.call("+15552230001")

    async def is_answered() -> bool:
        return await status_of(first, sid) == "in-progress"

    await until(is_answered)
    await stack.aclose()
    await asyncio.sleep(0.5)
    began = time.time()
    second, _ = await run()
    call = await second.ended(sid)

    assert call["status"] == "completed"
    assert call["ended"] > began


async def test_news_that_nobody_has_taken_is_sent_again(run: Run, receiver: Receiver) -> None:
    first, stack = await run()
    stuck = asyncio.Event()

    async def never(_request: object) -> Any:
        await stuck.wait()

    receiver.answers["/cb"] = never
    sid = await order(first, receiver, "+15552230101")

    async def is_over() -> bool:
        return len(receiver.received) == 2 or await status_of(first, sid) == "busy"

    await until(is_over)
    await stack.aclose()
    stuck.set()
    receiver.answers.clear()
    receiver.received.clear()
    second, _ = await run()
    await second.ended(sid)

    assert [one.form["CallStatus"] for one in receiver.received] == ["initiated", "busy"]
    assert [one.form["SequenceNumber"] for one in receiver.received] == ["0", "1"]


async def test_what_is_forgotten_or_too_old_is_not_kept(run: Run) -> None:
    first, stack = await run(kept_calls=2)
    sids = [await first.call(f"+1555223{number:04}", Twiml=SILENCE) for number in range(3)]
    await stack.aclose()
    second, stack = await run()
    assert [call["sid"] for call in (await second.control("GET", "calls"))["calls"]] == sids[1:]
    await second.control("DELETE", "calls")
    await stack.aclose()
    third, _ = await run()

    assert (await third.control("GET", "calls"))["calls"] == []


async def test_a_kill_loses_no_call_that_was_answered_with_201(tmp_path: Path) -> None:
    folder = str(tmp_path / "kept")
    options = ("--data", folder, "--account-sid", ACCOUNT_SID, "--auth-token", AUTH_TOKEN, "--answer-after", "1")
    async with aiohttp.ClientSession() as http:
        async with process(*options) as (child, url):
            first = Running(url, http)
            sids = [await first.call(f"+1555223{number:04}") for number in range(20)]
            child.kill()
        async with process(*options, "--speed", "20") as (_, url):
            second = Running(url, http)
            report = await second.control("GET", "calls")
            assert [call["sid"] for call in report["calls"]] == sids
            for sid in sids:
                assert (await second.ended(sid))["status"] == "completed"


async def test_two_simulators_do_not_share_a_folder(tmp_path: Path) -> None:
    folder = str(tmp_path / "kept")
    async with process("--data", folder):
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulator", "--port", "0", "--data", folder), stderr=asyncio.subprocess.PIPE
        )
        _, errors = await asyncio.wait_for(child.communicate(), 60)

    assert child.returncode == 1
    assert errors.count(b"\n") == 1
    assert folder.encode() in errors


def test_what_is_kept_is_private(tmp_path: Path) -> None:
    Archive(tmp_path / "kept").close()

    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"no database" * 1000])
def test_a_file_that_is_none_of_calls_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "calls.sqlite").write_bytes(content)
    with pytest.raises(OSError, match="cannot be used"):
        Archive(tmp_path)
