"""What the tests' own servers leave open fails whatever test comes next: they leave nothing."""

import asyncio
import os

import pytest

from tests.app.test_undoing import SlowAnswers
from tests.junction import Junction
from tests.processes import wait_until


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def _discards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _leaves(port: int, turns: int) -> None:
    """A client that goes so many turns of the loop before the server ends."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"PING\r\n")
    await asyncio.sleep(0.01)
    writer.close()
    for _ in range(turns):
        await asyncio.sleep(0)


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("between", ["Junction", "SlowAnswers"])
async def test_nothing_is_left_open_whenever_the_client_went(between: str, turns: int) -> None:
    behind = await asyncio.start_server(_discards, "127.0.0.1", 0)
    port = behind.sockets[0].getsockname()[1]
    before = _open_files()
    if between == "Junction":
        junction = Junction(port)
        async with junction.listening():
            await _leaves(junction.port, turns)
    else:
        async with SlowAnswers(f"redis://127.0.0.1:{port}/0").listening() as url:
            await _leaves(int(url.rpartition(":")[2].partition("/")[0]), turns)
    await asyncio.to_thread(wait_until, lambda: _open_files() <= before, what="the far end has heard of it")
    behind.close()
