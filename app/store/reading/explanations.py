"""Where tasks stand and why: of all that are asked about in one turn of the event loop, one run of the script tells."""

import asyncio
from typing import Final

from app.store.client import SECOND_SECONDS, Store, in_time
from schemas.limits import Limits
from schemas.records import TaskRecord, read_task
from schemas.scripts.explain import Explained, Explanation, Facts, explain, explain_all

#: Redis does nothing else during a run, and campaigns of half a million numbers may be among them.
MOST_IN_A_RUN: Final = 16


class _Run:
    """Tasks of which one run tells, and whoever asked about each."""

    def __init__(self) -> None:
        self.task_ids: list[str] = []
        self.answers: list[asyncio.Future[Explanation]] = []
        self.told: asyncio.Task[list[Explanation]] | None = None

    def answer(self, told: asyncio.Task[list[Explanation]]) -> None:
        """Each that asked hears what was told, or why nothing was."""
        error = told.exception()
        for place, answer in enumerate(self.answers):
            if answer.done():  # who asked has gone
                continue
            if error is None:
                answer.set_result(told.result()[place])
            else:
                answer.set_exception(error)


class Explanations:
    """Every method raises LedgerAway when Redis does not answer in time, RecordError when a record is damaged."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._next: _Run | None = None

    async def task(self, task_id: str) -> tuple[TaskRecord, Facts] | None:
        """The task with this id, if there is one, and what decides when it may go."""
        explained = await self.of(task_id)
        task = read_task(task_id, explained.fields) if explained else None
        return (task, explained.facts) if explained and task else None

    async def of(self, task_id: str) -> Explained | None:
        """What is known of a task; None if there is no such task."""
        loop = asyncio.get_running_loop()
        run = self._next
        if run is None or len(run.task_ids) == MOST_IN_A_RUN:
            run = self._next = _Run()
            run.told = loop.create_task(self._explain(run))
            run.told.add_done_callback(run.answer)
        answer: asyncio.Future[Explanation] = loop.create_future()
        run.task_ids.append(task_id)
        run.answers.append(answer)
        explained = (await answer).read()
        if explained is None or not explained.facts.cut:
            return explained
        async with in_time(SECOND_SECONDS):
            return await self._store.run(explain(task_id, self._limits.most_minutes_a_day))

    async def _explain(self, run: _Run) -> list[Explanation]:
        if self._next is run:
            self._next = None
        return await self._store.run(explain_all(run.task_ids, self._limits.most_minutes_a_day))
