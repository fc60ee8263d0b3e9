"""The document is made once, when somebody asks for it: however many do so at a moment, nobody else is kept waiting."""

import asyncio
import time

from app.paths import DOCUMENT_PATH
from tests.app.client import Client
from tests.app.conftest import Start

MANY = 40


async def _seconds(client: Client, many: int) -> float:
    """Of the processor, until so many who ask at once have the document."""
    began = time.process_time()

    async def ask() -> int:
        async with client.http.get(DOCUMENT_PATH) as answer:
            await answer.read()
            return answer.status

    assert set(await asyncio.gather(*(ask() for _ in range(many)))) == {200}
    return time.process_time() - began


async def test_of_many_who_ask_for_the_document_first_one_has_it_made(start: Start) -> None:
    await _seconds(await start(), 1)  # what makes it is loaded
    alone = await _seconds(await start(), 1)
    client = await start()
    first = await _seconds(client, MANY)
    again = await _seconds(client, MANY)
    assert first - again < 3 * alone
