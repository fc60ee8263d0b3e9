"""Writes that replicas must have: those that come while replicas are waited for share the next wait."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from app.errors import LedgerAway
from app.store.pipeline import Pipeline, Word

#: How long replicas are waited for. A command waits for the group before its own too.
REPLICATE_MS: Final = 500
#: Of LedgerAway, where nothing is taken back.
UNCONFIRMED: Final = (
    "Copies of the store did not confirm it, and it may be done all the same; please send it again, with the same"
    " Idempotency-Key if it had one."
)


class _Group:
    """Commands with one WAIT behind them."""

    def __init__(self) -> None:
        self.may_start = asyncio.Event()
        self.replicated: asyncio.Task[bool] | None = None


class Replication:
    """Asks by a connection of its own, since WAIT holds up whatever comes after it there."""

    def __init__(self, pipeline: Pipeline, replicas: int) -> None:
        self._pipeline = pipeline
        self._replicas = replicas
        self._turn = asyncio.Lock()
        self._next: _Group | None = None

    async def ask(self, words: Iterable[Word]) -> tuple[Any, bool]:
        """Redis's answer, and whether enough replicas have what the command wrote; raises what Pipeline.ask raises."""
        group = self._next
        if group is None:
            group = self._next = _Group()
            group.replicated = asyncio.create_task(self._replicate(group))
        await group.may_start.wait()
        answer = await self._pipeline.ask(words)
        assert group.replicated is not None  # noqa: S101 - a group starts with its task
        return answer, await asyncio.shield(group.replicated)

    async def close(self) -> None:
        """Closes the connection."""
        await self._pipeline.close()

    async def _replicate(self, group: _Group) -> bool:
        async with self._turn:
            self._next = None
            group.may_start.set()
            await asyncio.sleep(0)  # now they ask, and WAIT comes behind them
            try:
                having = await self._pipeline.ask(("WAIT", self._replicas, REPLICATE_MS), repeatable=False)
            except LedgerAway:
                return False
            return bool(having >= self._replicas)
