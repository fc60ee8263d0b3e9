"""The lists of tasks: pages of those that fit, each as task-status tells it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from app.store.client import Store
from app.store.turns import turn
from schemas.errors import RecordError
from schemas.limits import Limits
from schemas.listing.now import Hours, Now, hours, now
from schemas.listing.tasks import Listed, Place, Sieve, Span, list_tasks
from schemas.records import TaskRecord, read_task
from schemas.scripts.explain import Explanation, Facts, explain_all

log = structlog.get_logger("app.store.reading.index")

#: A page looks at no more tasks than this, and one run of the script at no more than this.
MOST_LOOKED_AT: Final = 2000
_MOST_IN_A_RUN: Final = 500
#: Each run makes the script's functions anew, which takes longer than one task; so many hold up nobody.
_EXPLAINED_IN_A_RUN: Final = 25


class Found(NamedTuple):
    """A task of a page."""

    listed: Listed
    task: TaskRecord
    facts: Facts
    fields: Mapping[str, str]  #: of its record


class Wanted(NamedTuple):
    """Which tasks a page is to hold."""

    span: Span
    sieve: Sieve  #: shuts out most others by the little that the list knows
    fits: Callable[[Found], bool]


class Index:
    """Every method raises LedgerAway when Redis does not answer in time."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits

    async def now(self, client: str | None, most_campaigns: int) -> Now:
        """What there is of one client's, or of everybody's for None."""
        async with turn():
            return await self._store.run(now(client, most_campaigns, self._limits.most_minutes_a_day))

    async def hours(self, client: str | None, minutes: int, hours_ahead: int) -> Hours:
        """What began in the last minutes and is due in the next hours."""
        async with turn():
            return await self._store.run(hours(client, minutes, hours_ahead))

    async def page(self, wanted: Wanted, behind: Place | None, most: int) -> tuple[list[Found], Place | None]:
        """At most so many tasks, and behind which the next page begins; None if nothing follows."""
        async with turn():
            return await self._page(wanted, behind, most)

    async def _page(self, wanted: Wanted, behind: Place | None, most: int) -> tuple[list[Found], Place | None]:
        found: list[Found] = []
        looked_at, step = 0, most
        while True:
            sheet = await self._store.run(list_tasks(wanted.span, behind, step, wanted.sieve))
            found += await self._fitting(sheet.tasks, wanted, most - len(found))
            if len(found) == most:
                last = found[-1].listed
                return found, None if sheet.behind is None and last is sheet.tasks[-1] else last.place
            looked_at, step, behind = looked_at + step, _MOST_IN_A_RUN, sheet.behind
            if behind is None or looked_at + step > MOST_LOOKED_AT:
                return found, behind

    async def _fitting(self, tasks: Sequence[Listed], wanted: Wanted, most: int) -> list[Found]:
        """The first so many that fit; of those behind them as few as can be are read."""
        found: list[Found] = []
        for first in range(0, len(tasks), most):
            found += [one for one in await self._read(tasks[first : first + most]) if wanted.fits(one)]
            if len(found) >= most:
                break
        return found[:most]

    async def _read(self, some: Sequence[Listed]) -> list[Found]:
        explained = await asyncio.gather(
            *(
                self._explained(some[first : first + _EXPLAINED_IN_A_RUN])
                for first in range(0, len(some), _EXPLAINED_IN_A_RUN)
            )
        )
        return [one for few in explained for one in few]

    async def _explained(self, few: Sequence[Listed]) -> list[Found]:
        """Without those that have gone meanwhile, or whose record is damaged: the others are shown."""
        script = explain_all([listed.task_id for listed in few], self._limits.most_minutes_a_day)
        explanations = await self._store.run(script)
        read = (_found(listed, one) for listed, one in zip(few, explanations, strict=True))
        return [one for one in read if one]


def _found(listed: Listed, explanation: Explanation) -> Found | None:
    try:
        explained = explanation.read()
        task = read_task(listed.task_id, explained.fields) if explained else None
    except RecordError as error:
        log.warning("record_damaged", task_id=listed.task_id, reason=str(error))
        return None
    return Found(listed, task, explained.facts, explained.fields) if explained and task else None
