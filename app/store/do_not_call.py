"""The web tier's way to do-not-call lists."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from app.errors import LedgerAway
from app.store.client import Store
from app.store.leaving import wait_until_left
from app.store.replication import UNCONFIRMED
from app.store.turns import turn
from schemas.do_not_call.entry import Entry
from schemas.do_not_call.lists import Effect, OptOut, entries, entry_of, opt_in, opt_out, opted_out

_AT_ONCE: Final = 1000


class DoNotCall:
    """Lists of numbers. Every method raises LedgerAway when Redis does not answer in time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, wish: OptOut) -> Effect:
        """
        Puts numbers onto a list; after that no request for a call to them leaves, whatever dies.

        A request that may just be leaving is waited for, as it could still go.
        """
        effect, replicated = await self._store.run_replicated(opt_out(wish))
        if not replicated:
            raise LedgerAway(UNCONFIRMED)
        await wait_until_left(self._store, effect.leaving)
        return effect

    async def remove(self, on_list: str, number: str, by: str, reason: str) -> bool:
        """Takes a number off a list; False if it is not on it."""
        removed, replicated = await self._store.run_replicated(opt_in(on_list, number, by, reason))
        if not replicated:
            raise LedgerAway(UNCONFIRMED)  # also of one that is not there: it may be by an earlier run
        return removed

    async def find(self, on_list: str, number: str) -> Entry | None:
        """What is known of a number on a list; None if it is not on it."""
        return await self._store.run(entry_of(on_list, number))

    async def page(self, on_list: str, behind: str, most: int) -> list[Entry]:
        """Entries in the order of their numbers, behind one of them."""
        async with turn():
            return await self._store.run(entries(on_list, behind, most))

    async def pages(self, on_list: str) -> AsyncIterator[list[Entry]]:
        """Every entry of a list, many at once."""
        behind = ""
        while page := await self.page(on_list, behind, _AT_ONCE):
            yield page
            behind = page[-1].member

    async def among(self, client: str | None, numbers: Sequence[str]) -> frozenset[str]:
        """Those of a thousand numbers at most that the client is not to call."""
        return await self._store.run(opted_out(client, numbers))
