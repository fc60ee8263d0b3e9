"""Events of calls, as Twilio tells them: stored, and kept until the call's client has them."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from app.store.client import Store, in_time
from schemas import keys
from schemas.campaigns.rows import Row
from schemas.listing.events import Happening, read_happening, redeliver
from schemas.scripts.news import Report, Source, record_news
from schemas.scripts.outcome import Settlement
from schemas.scripts.relay import Attempt, Patience, Rooms, Turn, relay_turn


@dataclass(frozen=True, slots=True)
class CallEvent:
    """What Twilio says of a call."""

    sid: str
    to: str
    from_number: str
    fields: dict[str, str]
    attempt_number: int = 1
    sequence: str = ""
    body: str = ""  #: the form as posted, to be passed on; '' for none


class EventLedger:
    """Every method raises LedgerAway when Redis does not answer in time."""

    def __init__(self, store: Store, retention_days: int, reconcile_after_seconds: float) -> None:
        self._store = store
        self._retention_days = retention_days
        self._reconcile_after_seconds = reconcile_after_seconds

    async def record(self, call_id: str, event: CallEvent) -> Settlement:
        """Stores an event of a call."""
        report = Report(
            Source.CALLBACK,
            event.sid,
            event.fields,
            to=event.to,
            from_number=event.from_number,
            attempt_number=event.attempt_number,
            check_seconds=self._reconcile_after_seconds,
            sequence=event.sequence,
            body=event.body,
        )
        return await self._store.run(record_news(call_id, report, self._retention_days))

    async def call_with_sid(self, sid: str) -> str:
        """Id of the call that Twilio knows by this SID; '' if it is none of ours."""
        return cast("str | None", await self._store.ask("GET", keys.sid(sid))) or ""

    async def relay(self, rooms: Rooms, patience: Patience, attempts: Sequence[Attempt]) -> Turn:
        """Records attempts to deliver events, and takes what is due."""
        return await self._store.run(relay_turn(rooms, patience, attempts))

    async def happened(self, task_id: str, after: int, most: int) -> list[Happening] | None:
        """What happened to a task, behind the first so many entries; None if there is no such task, or it is a part."""
        async with in_time():
            (kind, external_id), entries = await asyncio.gather(
                self._store.ask("HMGET", keys.task(task_id), "kind", "external_id"),
                self._store.ask("LRANGE", keys.log(task_id), after, after + most - 1),
            )
            if kind in {None, "bulk_call"}:
                return None
            found = [read_happening(after + index, text) for index, text in enumerate(entries, start=1)]
            if kind != "bulk":
                return [one._replace(external_id=external_id or "") for one in found]
            ids = await self._given_ids(task_id, {one.place for one in found if one.kind == "call"})
        return [
            one._replace(external_id=ids.get(one.place, ""), campaign_external_id=external_id or "") for one in found
        ]

    async def _given_ids(self, campaign_id: str, places: Collection[str]) -> dict[str, str]:
        """The client's own ids of some of a campaign's calls. Its rows have them also when a call's record has gone."""
        rows = keys.rows(campaign_id)
        texts = await asyncio.gather(*(self._store.ask("LINDEX", rows, int(place) - 1) for place in places))
        return {place: Row.unpack(text or "").external_id or "" for place, text in zip(places, texts, strict=True)}

    async def redeliver(self, task_id: str) -> int | None:
        """How many events that were not delivered are tried again; None if there is no such task."""
        count = 0
        while redelivery := await self._store.run(redeliver(task_id)):
            count += redelivery.count
            if not redelivery.more:
                return count
        return None
