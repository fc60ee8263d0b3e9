"""What a thousand open pages of the console cost the web process while ten changes a second happen."""

import asyncio
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import aiohttp

from tests.benchmarks.idle import cpu_seconds
from tests.benchmarks.table import Row
from tests.processes import BASE_PATH
from tests.stack import Stack

PAGES: Final = 1000
CHANGES_A_SECOND: Final = 10
SETTLE_SECONDS: Final = 8
SECONDS_A_ROUND: Final = 6
_FILES: Final = 4 * PAGES
#: Half of the connections may listen, and half of those from one address.
_SETTINGS: Final = {"MAX_CONNECTIONS": str(5 * PAGES)}
_CALL: Final = {"to_number": "+12025550100", "delay_seconds": 3600}


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """One row; `folder` is empty."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, most))
    stack = Stack(folder, _SETTINGS)
    try:
        web = stack.start_web()
        stack.start_worker()
        percent = asyncio.run(_listened(stack, web.pid, rounds * SECONDS_A_ROUND))
    finally:
        stack.stop()
    what = f"{PAGES} open pages and {CHANGES_A_SECOND} changes a second, in the web process"
    yield Row(what, "% of a core", percent, "allowed", 8, 1, "most")


async def _listened(stack: Stack, pid: int, seconds: int) -> float:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as session:
        tasks = [asyncio.create_task(_listen(session, stack.url)) for _ in range(PAGES)]
        tasks.append(asyncio.create_task(_change(session, stack.url)))
        await asyncio.sleep(SETTLE_SECONDS)
        before = cpu_seconds(pid)
        await asyncio.sleep(seconds)
        percent = 100 * (cpu_seconds(pid) - before) / seconds
        assert not any(task.done() for task in tasks), "a page was turned away"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return percent


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
