"""Reading much is done in turns, so that what others ask for finds Redis and the process free within milliseconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

from app.errors import TooManyRequests

#: Pages of lists that one name of an API key reads at a time.
MOST_AT_ONCE: Final = 2
#: How long a further one waits for its turn.
PATIENCE_SECONDS: Final = 1.5
CROWDED: Final = "Too much is read with this API key at the same time."

#: Turns of the name for which something is read; None where nobody has one.
TURNS: Final[ContextVar[asyncio.Semaphore | None]] = ContextVar("turns", default=None)


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """One page's turn. Raises TooManyRequests if it does not come."""
    turns = TURNS.get()
    if turns is None:
        yield
        return
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await turns.acquire()
    except TimeoutError as error:
        raise TooManyRequests(CROWDED) from error
    try:
        yield
    finally:
        turns.release()
