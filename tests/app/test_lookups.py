"""Names of clients' hosts whose name servers are silent: they hold up nobody else."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.relay.lookups import WHOSE, Lookups
from tests.app.client import PUBLIC
from tests.app.conftest import Start
from tests.app.target import Target, tell
from tests.scripts.conftest import Store

WITHIN_SECONDS = 20.0
SILENT, CAREFUL = ".silent.example", "careful.example"


class Names:
    """A name server that is silent about some names until it is awake."""

    def __init__(self) -> None:
        self.awake = threading.Event()
        self.asked: list[str] = []
        self._real = socket.getaddrinfo

    def answer(self, host: str, *args: Any, **options: Any) -> Any:
        self.asked.append(host)
        if host.endswith(SILENT):
            self.awake.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._real("127.0.0.1" if host == CAREFUL else host, *args, **options)

    def silent(self) -> int:
        return sum(host.endswith(SILENT) for host in self.asked)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    one = Names()
    monkeypatch.setattr(socket, "getaddrinfo", one.answer)
    yield one
    one.awake.set()


async def test_a_client_whose_names_nobody_answers_holds_up_no_other_client(
    start: Start, store: Store, target: Target, names: Names
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    for number in range(40):  # more than the threads that an event loop has
        await tell(client, store, f"http://{number}{SILENT}/news", client="careless")
    async with asyncio.timeout(WITHIN_SECONDS):
        while names.silent() < 6:
            await client.health()
    await tell(client, store, target.url("/news", CAREFUL), client="careful")
    async with asyncio.timeout(WITHIN_SECONDS / 4):
        await target.visited.wait()


async def test_a_client_has_as_many_under_way_as_would_stay_free_besides(names: Names) -> None:
    lookups = Lookups(most=4)
    WHOSE.set("careless")
    first = [asyncio.create_task(lookups.resolve(f"{number}{SILENT}")) for number in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(OSError, match="Too many"):
        await lookups.resolve(f"third{SILENT}")
    WHOSE.set("careful")
    assert [one["host"] for one in await lookups.resolve(CAREFUL, 80)] == ["127.0.0.1"]
    names.awake.set()
    assert all(isinstance(one, socket.gaierror) for one in await asyncio.gather(*first, return_exceptions=True))
    WHOSE.set("careless")
    assert await lookups.resolve(CAREFUL)
