"""Events of calls, as Twilio tells them: stored, and kept until the call's client has them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from app.store import Store
from schemas import keys
from schemas.states import CallState, may_become

Verdict: TypeAlias = Literal["delivered", "failed", "refused", "later"]


@dataclass(frozen=True, slots=True)
class CallEvent:
    """What Twilio says of a call."""

    sid: str
    fields: dict[str, str]
    sequence: str = ""
    final: bool = False
    body: str = ""  #: the form as posted, to be passed on; '' for none


@dataclass(frozen=True, slots=True)
class Parcel:
    """An event to be delivered to a client."""

    call_id: str
    url: str
    sequence: str
    body: str
    tries: int


class EventLedger:
    """Every method raises LedgerAway when Redis does not answer in time."""

    def __init__(self, store: Store, retention_days: int, reconcile_after_seconds: float) -> None:
        self._store = store
        self._retention_ms = retention_days * 86_400_000
        self._reconcile_after_seconds = reconcile_after_seconds

    async def record(self, call_id: str, event: CallEvent) -> bool:
        """Stores an event of a call; True if there is something to pass on to its client."""
        state = CallState.ENDED if event.final else CallState.PLACED
        *_, relayed = await self._store.run(
            "settle",
            call_id,
            state,
            f",{','.join(sorted(may_become(state)))},",
            event.sequence,
            event.sid,
            round(self._reconcile_after_seconds * 1000),
            self._retention_ms,
            0,
            event.body,
            "",
            "",
            *(item for pair in event.fields.items() for item in pair),
        )
        return bool(relayed == "1")

    async def call_with_sid(self, sid: str) -> str:
        """Id of the call that Twilio knows by this SID; '' if it is none of ours."""
        return cast("str | None", await self._store.ask("GET", keys.sid(sid))) or ""

    async def take_parcels(self, most: int, lease_seconds: float, patience_seconds: float) -> list[Parcel]:
        """Events whose delivery is due; nobody else gets them during the lease."""
        leases = round(lease_seconds * 1000), round(patience_seconds * 1000)
        taken = await self._store.run("relay_take", most, *leases)
        return [Parcel(call, url, sequence, body, int(tries)) for call, url, sequence, body, tries in taken]

    async def finish_parcel(
        self,
        parcel: Parcel,
        verdict: Verdict,
        gap_seconds: float,
        give_up_after_seconds: float,
    ) -> str:
        """Records an attempt; returns what became of the event."""
        gaps = round(gap_seconds * 1000), round(give_up_after_seconds * 1000)
        return str(await self._store.run("relay_done", parcel.call_id, parcel.sequence, verdict, *gaps))
