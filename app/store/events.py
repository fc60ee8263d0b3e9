"""Events of calls, as Twilio tells them: stored, and kept until the call's client has them."""

import asyncio
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, cast

from app.errors import LedgerAway
from app.store.client import Store, in_time
from app.store.replication import UNCONFIRMED
from schemas import keys
from schemas.campaigns.rows import Row
from schemas.listing.events import Happened, happenings, redeliver
from schemas.scripts.news import Report, Source, record_news
from schemas.scripts.outcome import Settlement
from schemas.scripts.relay import Attempt, Patience, Rooms, Turn, relay_turn

_PLACE: Final = re.compile(r"[1-9]\d{0,8}", re.ASCII)
#: Entries of a campaign's log among which those of one call are looked for at once.
_SPAN: Final = 2_000


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

    async def record(self, call_id: str, event: CallEvent, *, surely: bool = True) -> Settlement:
        """Stores an event of a call; one that is stored `surely` no failover takes back."""
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
        script = record_news(call_id, report, self._retention_days)
        if not surely:
            return await self._store.run(script)
        settlement, replicated = await self._store.run_replicated(script)
        if not replicated:
            raise LedgerAway
        return settlement

    async def call_with_sid(self, sid: str) -> str:
        """Id of the call that Twilio knows by this SID; '' if it is none of ours."""
        return cast("str | None", await self._store.ask("GET", keys.sid(sid))) or ""

    async def relay(self, rooms: Rooms, patience: Patience, attempts: Sequence[Attempt]) -> Turn:
        """
        Records attempts to deliver events, and takes what is due.

        What a failover may take back is not handed out: another event would get its number, and be taken for it. Whom
        replicas are to confirm something, no relay with nothing to do keeps waiting.
        """
        if self._store.replicates and not attempts and not await self._store.ask("EXISTS", keys.MAIL, keys.RELAYS):
            return Turn([], [])
        turn, replicated = await self._store.run_replicated(relay_turn(rooms, patience, attempts))
        if turn.parcels and not replicated:
            raise LedgerAway
        return turn

    async def happened(self, task_id: str, after: int, most: int) -> Happened | None:
        """
        What happened to a task, behind the first so many entries; None if there is no such task.

        Of a campaign's call, that is what its campaign's log has of it.
        """
        async with in_time():
            owner, place, span = task_id, "", most + 1
            kind, external_id, texts = await self._log(owner, after, span)
            if kind in {None, "bulk_call"}:
                owner, _, place = task_id.rpartition("-")
                if kind is None and not await self._has_row(owner, place):
                    return None
                span = _SPAN
                kind, external_id, texts = await self._log(owner, after, span)
                if kind is None:
                    return None
            read = happenings(texts, after, place)
            found = read[:most]
            behind = found[-1].n if len(read) > most else after + span if len(texts) == span else None
            if kind != "bulk":
                return Happened(owner, [one._replace(external_id=external_id or "") for one in found], behind)
            ids = await self._given_ids(owner, {one.place for one in found if one.kind == "call"})
        told = [
            one._replace(external_id=ids.get(one.place, ""), campaign_external_id=external_id or "") for one in found
        ]
        return Happened(owner, told, behind)

    async def _log(self, task_id: str, after: int, most: int) -> tuple[str | None, str | None, list[str]]:
        """Of a task its kind, its client's own id, and entries of its log behind the first so many."""
        (kind, external_id), texts = await asyncio.gather(
            self._store.ask("HMGET", keys.task(task_id), "kind", "external_id"),
            self._store.ask("LRANGE", keys.log(task_id), after, after + most - 1),
        )
        return kind, external_id, texts

    async def _has_row(self, campaign_id: str, place: str) -> bool:
        """Whether a campaign has a number in that place, which need not have been dialled."""
        if not _PLACE.fullmatch(place):
            return False
        return int(place) <= cast("int", await self._store.ask("LLEN", keys.rows(campaign_id)))

    async def _given_ids(self, campaign_id: str, places: Collection[str]) -> dict[str, str]:
        """The client's own ids of some of a campaign's calls. Its rows have them also when a call's record has gone."""
        rows = keys.rows(campaign_id)
        texts = await asyncio.gather(*(self._store.ask("LINDEX", rows, int(place) - 1) for place in places))
        return {place: Row.unpack(text or "").external_id or "" for place, text in zip(places, texts, strict=True)}

    async def redeliver(self, task_id: str) -> int | None:
        """How many events that were not delivered are tried again; None if there is no such task."""
        count = 0
        while True:
            redelivery, replicated = await self._store.run_replicated(redeliver(task_id))
            if redelivery is None:
                return None
            if not replicated:
                raise LedgerAway(UNCONFIRMED)
            count += redelivery.count
            if not redelivery.more:
                return count
