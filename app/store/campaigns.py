"""The web tier's way to campaigns: their rows, and what steers them."""

import json
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from app.errors import LedgerAway
from app.store.client import Store, in_time
from app.store.leaving import wait_until_left
from app.store.replication import UNCONFIRMED
from app.store.turns import turn
from app.store.undoing import Undoing
from schemas import keys
from schemas.campaigns.editing import Editing, edit
from schemas.campaigns.filling import Appending, Bounds, Repetition, append, take_back_rows
from schemas.campaigns.page import Page, page_rows
from schemas.campaigns.retrying import Retry, Retrying, retry
from schemas.campaigns.rows import Row
from schemas.campaigns.wording import Wording
from schemas.scripts.cancel import Pausing, pause, resume

#: A script that Redis runs later than this after it was sent changes nothing: see accept.lua.
_RUN_SECONDS: Final = 1.0

#: Rows of a campaign that are read at once.
_ROWS_AT_ONCE: Final = 1000

#: Fields of a record that an edit looks at.
_BEFORE_EDIT: Final = (
    *("kind", "state", "edits", "metadata", "webhook_url", "variables", "variable_names", "windows", "machine"),
    *("send_digits", "gather", "retry_most", "retry_seconds", "retry_marks", "attempt_number"),
    *("created_ms", "due_ms", "expires_ms", "to"),
)


class BeforeEdit(NamedTuple):
    """What an edit goes on top of."""

    kind: str  #: '' if there is no record
    edits: int  #: how many there were
    metadata: dict[str, Any]
    variables: dict[str, str]
    has_webhook: bool  #: its client's own TwiML is spoken
    prompt: str  #: with which keys are asked for; '' if none are
    record: Mapping[str, str]  #: other fields that an edit looks at, those that there are


class Campaigns:
    """Every method raises LedgerAway when Redis does not answer in time, or replicas do not confirm a change."""

    def __init__(self, store: Store, retention_days: int, most_calls_per_day: int = 0, most_waiting: int = 0) -> None:
        self._store = store
        self._retention_days = retention_days
        self._most_calls_per_day = most_calls_per_day
        self._most_waiting = most_waiting
        self._undoing = Undoing(store)

    async def page(self, task_id: str, behind: int, most: int, marks: str) -> Page | None:
        """Some rows of a task with these marks; None if there is no such task."""
        async with turn():
            return await self._store.run(page_rows(task_id, behind, most, marks))

    async def pages(self, campaign_id: str) -> AsyncGenerator[list[tuple[str, Row]], None]:
        """Its rows in the order given, each with its mark, many at once; each page is a turn of whoever takes it."""
        first = 0
        while True:
            async with turn():
                last = first + _ROWS_AT_ONCE - 1
                texts = await self._store.ask("LRANGE", keys.rows(campaign_id), first, last)
                marks = await self._store.ask("GETRANGE", keys.marks(campaign_id), first, last)
                if not texts:
                    return
                yield [(mark, Row.unpack(text)) for mark, text in zip(marks, texts, strict=False)]
            first += len(texts)

    async def pause(self, task_id: str, by: str = "") -> Pausing:
        """Pauses it. Once it is done, now or before, no request for it leaves until it is resumed, whatever dies."""
        pausing, replicated = await self._store.run_replicated(pause(task_id, by=by))
        if pausing.paused and not replicated:
            raise LedgerAway(UNCONFIRMED)
        await wait_until_left(self._store, pausing.leaving)
        return pausing

    async def resume(self, task_id: str, by: str = "") -> Pausing:
        """Lets it go on."""
        pausing, replicated = await self._store.run_replicated(resume(task_id, by))
        if pausing.verdict in {"done", "already"} and not replicated:
            raise LedgerAway(UNCONFIRMED)
        return pausing

    async def append(
        self, campaign_id: str, rows: Sequence[Row], repetition: Repetition, skipped: str = "", by: str = ""
    ) -> Appending:
        """Further rows, which come behind those that there are."""
        take_back = take_back_rows(campaign_id, repetition.digest, self._retention_days)
        try:
            async with in_time():
                bounds = await self._bounds()
                script = append(campaign_id, rows, repetition, bounds, skipped, by)
                appending, replicated = await self._store.run_replicated(script)
        except LedgerAway:
            self._undoing.begin(campaign_id, take_back)  # Redis may run it all the same, or have done so
            raise
        verdict = appending.verdict
        if verdict == "done" and not replicated:
            self._undoing.begin(campaign_id, take_back)
        if verdict == "late" or (verdict in {"done", "replayed"} and not replicated):
            raise LedgerAway
        return appending

    async def close(self) -> None:
        """Ends what goes on in the background."""
        await self._undoing.close()

    async def wording(self, campaign_id: str) -> Wording:
        """What its message, and what is left on machines and asked for, need to know of each whom it calls."""
        found = await self._store.ask("HMGET", keys.task(campaign_id), *Wording.FIELDS)
        return Wording.read(found)

    async def retry(self, task_id: str, what: Retry, repetition: Repetition) -> Retrying:
        """
        Tries again what is over. Of very many rows it takes many runs, each answered in bounded time; what this process
        leaves undone if it ends, a sweep does.
        """
        begun = False
        while True:
            async with in_time():
                bounds = await self._bounds()
                script = retry(task_id, what, repetition, self._retention_days, bounds)
                retrying, replicated = await self._store.run_replicated(script)
            verdict = retrying.verdict
            if verdict == "late":
                raise LedgerAway
            if verdict in {"done", "replayed"} and not replicated:
                raise LedgerAway(UNCONFIRMED)
            if begun and verdict == "replayed":
                return retrying._replace(verdict="done")
            if verdict != "busy" and not retrying.more:
                return retrying
            begun = begun or verdict == "done"

    async def before_edit(self, task_id: str) -> BeforeEdit:
        """What stands in a record that is to be edited."""
        values = await self._store.ask("HMGET", keys.task(task_id), *_BEFORE_EDIT)
        its = {name: value for name, value in zip(_BEFORE_EDIT, values, strict=True) if value is not None}
        given: dict[str, Any] = json.loads(its.get("metadata") or "{}")
        of_each = its.get("variable_names")
        spoken = dict.fromkeys(json.loads(of_each), "") if of_each else json.loads(its.get("variables") or "{}")
        has_webhook, prompt = bool(its.get("webhook_url")), json.loads(its.get("gather") or "{}").get("prompt", "")
        return BeforeEdit(its.get("kind", ""), int(its.get("edits", 0)), given, spoken, has_webhook, prompt, its)

    async def edit(
        self, task_id: str, fields: Mapping[str, str | None], name: str, expected: int, by: str = ""
    ) -> Editing:
        """Sets fields of the record, and removes those that are None, if so many edits were made before."""
        editing, replicated = await self._store.run_replicated(edit(task_id, fields, name, expected, by))
        if editing.verdict == "done" and not replicated:
            raise LedgerAway(UNCONFIRMED)
        return editing

    async def _bounds(self) -> Bounds:
        asked = time.monotonic()
        seconds, microseconds = await self._store.ask("TIME")
        left_us = round((_RUN_SECONDS - (time.monotonic() - asked)) * 1e6)
        run_until_us = int(seconds) * 1_000_000 + int(microseconds) + left_us
        return Bounds(run_until_us, self._most_calls_per_day, self._most_waiting)
