"""
What a thousand open pages of the console cost the web process: while ten changes a second happen, and of the rate at
which it accepts calls.
"""

import asyncio
import json
import resource
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

import aiohttp
from redis import Redis

from tests.benchmarks.idle import cpu_seconds
from tests.benchmarks.servers import LOAD_CORE, SERVER_CORE, Server, on_core
from tests.benchmarks.table import Row
from tests.processes import BASE_PATH
from tests.stack import Stack

PAGES: Final = 1000
CHANGES_A_SECOND: Final = 10
SETTLE_SECONDS: Final = 8
SECONDS_A_ROUND: Final = 6
LOAD_SECONDS: Final = 3
_FILES: Final = 4 * PAGES
#: Half of the connections may listen, and half of those from one address.
_SETTINGS: Final = {"MAX_CONNECTIONS": str(5 * PAGES)}
_CALL: Final = {"to_number": "+12025550100", "delay_seconds": 3600}


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Two rows; `folder` is empty."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, most))
    with on_core(LOAD_CORE):
        stack = Stack(folder, _SETTINGS)
    try:
        with on_core(SERVER_CORE):
            server = Server(stack.port, stack.start_web())
        server.process.wait_for_answer(lambda: server.answers("/"))
        with on_core(LOAD_CORE):
            stack.start_worker()
            _accepted(server, stack)  # the first is slower than all others
            alone = median(_accepted(server, stack) for _ in range(rounds))
            percent, beside = asyncio.run(_listened(stack, server, rounds))
    finally:
        stack.stop()
    what = f"{PAGES} open pages and {CHANGES_A_SECOND} changes a second, in the web process"
    yield Row(what, "% of a core", percent, "allowed", 8, 1, "most")
    yield Row(f"POST /queue-single-call beside {PAGES} open pages", "/s", beside, "without them", alone, 0.9)


def _accepted(server: Server, stack: Stack) -> float:
    with Redis.from_url(stack.redis.url) as client:
        client.flushall()
    path, body = f"{BASE_PATH}/queue-single-call", json.dumps({**_CALL, "to_number": "NUMBER"})
    return float(server.load(path, method="POST", body=body, seconds=LOAD_SECONDS)["per_second"])


async def _listened(stack: Stack, server: Server, rounds: int) -> tuple[float, float]:
    connector, pid, seconds = aiohttp.TCPConnector(limit=0), server.process.pid, rounds * SECONDS_A_ROUND
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as session:
        tasks = [asyncio.create_task(_listen(session, stack.url)) for _ in range(PAGES)]
        change = asyncio.create_task(_change(session, stack.url))
        await asyncio.sleep(SETTLE_SECONDS)
        before = cpu_seconds(pid)
        await asyncio.sleep(seconds)
        percent = 100 * (cpu_seconds(pid) - before) / seconds
        assert not any(task.done() for task in (*tasks, change)), "a page was turned away"
        change.cancel()
        beside = [await asyncio.to_thread(_accepted, server, stack) for _ in range(rounds)]
        assert not any(task.done() for task in tasks), "a page was turned away"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, change, return_exceptions=True)
        return percent, median(beside)


async def _listen(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(f"{url}{BASE_PATH}/stream") as answer:
        answer.raise_for_status()
        async for _ in answer.content:
            pass


async def _change(session: aiohttp.ClientSession, url: str) -> None:
    while True:
        async with session.post(f"{url}{BASE_PATH}/queue-single-call", json=_CALL) as answer:
            answer.raise_for_status()
        await asyncio.sleep(1 / CHANGES_A_SECOND)
