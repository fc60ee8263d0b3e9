"""Calls over all tasks, by last change: of tasks by windows, so that none costs more than another."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog

from app.store.client import Store
from app.store.reading.explanations import Explanations
from app.store.turns import turn
from schemas.campaigns.page import ShownRow, page_rows
from schemas.errors import RecordError
from schemas.listing.calls import Touched, list_calls, live_of
from schemas.listing.tasks import Place, Span, list_tasks
from schemas.scripts.explain import Facts

log = structlog.get_logger("app.store.reading.calls")

#: A window: the tasks that it looks at, and of campaigns among them the numbers that began last.
WINDOW_TASKS: Final = 1000
WINDOW_ROWS: Final = 1000
_MOST_IN_A_RUN: Final = 500


class Window(NamedTuple):
    """What a window holds."""

    calls: Sequence[Touched]  #: by last change, the newest first
    behind: Place | None  #: where the next one begins; None if it is the last


class Shown(NamedTuple):
    """A call with all that is told of it."""

    touched: Touched
    row: ShownRow
    facts: Facts


class Calls:
    """Every method raises LedgerAway when Redis does not answer in time."""

    def __init__(self, store: Store, explanations: Explanations) -> None:
        self._store = store
        self._explanations = explanations

    async def window(self, span: Span, behind: Place | None) -> Window:
        """Calls of the tasks behind that place; of the first window, all that are live too."""
        async with turn():
            return await self._window(span, behind)

    async def _window(self, span: Span, behind: Place | None) -> Window:
        tasks: list[str] = []
        client = span.clients[0] if span.clients else None
        live, place = live_of(client) if behind is None else "", behind
        for _ in range(0, WINDOW_TASKS, _MOST_IN_A_RUN):
            sheet = await self._store.run(list_tasks(span, place, _MOST_IN_A_RUN))
            tasks += [task.task_id for task in sheet.tasks]
            place = sheet.behind
            if place is None:
                break
        calls: dict[str, Touched] = {}
        rows_left = WINDOW_ROWS
        for first in range(0, max(1, len(tasks)), _MOST_IN_A_RUN):
            some = tasks[first : first + _MOST_IN_A_RUN]
            found = await self._store.run(list_calls(some, rows_left, live if first == 0 else ""))
            rows_left = max(0, rows_left - sum(bool(call.campaign_id) for call in found))
            calls |= {call.call_id: call for call in found}
        return Window(sorted(calls.values(), key=lambda call: call.place, reverse=True), place)

    async def shown(self, some: Sequence[Touched]) -> list[Shown]:
        """All that is told of these calls; one that has gone meanwhile, or is damaged, hides no other."""
        async with turn():
            found = await asyncio.gather(*(self._shown(touched) for touched in some))
        return [one for one in found if one]

    async def _shown(self, touched: Touched) -> Shown | None:
        try:
            page, explained = await asyncio.gather(
                self._store.run(page_rows(touched.call_id, 0, 1)),
                self._explanations.of(touched.call_id),
            )
        except (RecordError, ValueError) as error:
            log.warning("record_damaged", call_id=touched.call_id, reason=type(error).__name__)
            return None
        return Shown(touched, page.rows[0], explained.facts) if page and page.rows and explained else None
