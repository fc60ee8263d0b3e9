"""Taking back acceptances of which nobody heard: Redis may have run what it answered too late."""

import asyncio
import time
from typing import Final

import structlog

from app.errors import LedgerAway
from app.store.client import Store
from schemas.lua.script import Script

log = structlog.get_logger("app.store.undoing")

#: Redis is asked again after so long, for as long as that: later than this it is a person's business.
_AGAIN_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 120.0


class Undoing:
    """One background task for each acceptance in doubt, which its client was told had failed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._under_way: set[asyncio.Task[None]] = set()
        self._again = asyncio.Lock()

    def begin(self, task_id: str, take_back: Script[bool]) -> None:
        """Takes back what was accepted for a task as soon as Redis answers; returns at once."""
        undoing = asyncio.create_task(self._take_back(task_id, take_back))
        self._under_way.add(undoing)
        undoing.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Gives those under way one more second."""
        if self._under_way:
            _, unfinished = await asyncio.wait(self._under_way, timeout=1)
            for undoing in unfinished:
                undoing.cancel()

    async def _take_back(self, task_id: str, take_back: Script[bool]) -> None:
        """Until replicas have it: one of them may know the acceptance alone, and become the primary."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        if await self._is_over(task_id, take_back):
            return
        async with self._again:  # while Redis or its replicas are away, one asks for all
            while time.monotonic() < deadline:
                if await self._is_over(task_id, take_back):
                    return
                await asyncio.sleep(_AGAIN_SECONDS)
        log.error("acceptance_in_doubt", task_id=task_id)

    async def _is_over(self, task_id: str, take_back: Script[bool]) -> bool:
        try:
            nothing_left, replicated = await self._store.run_replicated(take_back)
        except LedgerAway:
            return False
        if not nothing_left:
            log.error("accepted_though_refused", task_id=task_id)
        return replicated or not nothing_left
