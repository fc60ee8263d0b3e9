"""What takes long is done in turns, so that whatever others ask for finds Redis and the process free soon."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

from app.errors import TooManyRequests

#: Pages of lists that one name of an API key reads, or long bodies that it has carried out, at a time.
MOST_AT_ONCE: Final = 2
#: How long a further one waits for its turn.
PATIENCE_SECONDS: Final = 1.5
CROWDED: Final = "Too much is asked with this API key at the same time."

#: Turns of the name for which something is done; None where nobody has one, and for whoever has its turn.
TURNS: Final[ContextVar[asyncio.Semaphore | None]] = ContextVar("turns", default=None)


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """A turn, within which no further one is needed. Raises TooManyRequests if it does not come."""
    turns = TURNS.get()
    if turns is None:
        yield
        return
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await turns.acquire()
    except TimeoutError as error:
        raise TooManyRequests(CROWDED) from error
    within = TURNS.set(None)
    try:
        await asyncio.sleep(0)  # or all would have theirs in one turn of the event loop, where nothing is waited for
        yield
    finally:
        TURNS.reset(within)
        turns.release()
