"""relay.lua: events on their way to the calls' clients."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from schemas.lua.script import Script, Word, ms

Delivery: TypeAlias = Literal["delivered", "failed", "declined", "refused"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """An event to be delivered to a client, and what its record says of its call."""

    call_id: str  #: a campaign's for an event of the campaign itself
    campaign_id: str
    url: str
    client: str  #: name of the API key that made the task; '' if it was made without
    host: str
    name: str  #: of the event among its call's
    event: Mapping[str, Any]
    number: int  #: our SequenceNumber
    to: str = ""
    from_number: str = ""
    external_id: str = ""  #: the client's own id of the call, of the campaign for an event of the campaign itself
    campaign_external_id: str = ""

    @property
    def lane(self) -> str:
        """Whose share its delivery takes up, of which host."""
        return f"{self.client}|{self.host}"

    @property
    def failures(self) -> int:
        """How many attempts have failed."""
        return int(self.event.get("failures", 0))

    @property
    def declines(self) -> int:
        """How often the client's server answered that it does not want it."""
        return int(self.event.get("declines", 0))


@dataclass(frozen=True, slots=True)
class Rooms:
    """How many more deliveries a process takes, in all and of each client and host that has some under way."""

    most: int
    client: int  #: of one that has none under way
    host: int
    clients: Mapping[str, int] = field(default_factory=dict)
    lanes: Mapping[str, int] = field(default_factory=dict)


class Patience(NamedTuple):
    """How long what is waited for, in seconds."""

    lease: float  #: a delivery, before another process may have it
    order: float  #: the event before, which Twilio may deliver later
    hold: float  #: an event that is not delivered, by the later ones of its call
    give_up: float  #: the success of an event that fails


class Attempt(NamedTuple):
    """One delivery, and what came of it."""

    parcel: Parcel
    delivery: Delivery
    gap_seconds: float  #: until the next one, if it is to be repeated


class Turn(NamedTuple):
    """What a turn came to."""

    recorded: Sequence[str]  #: of each attempt: delivered, kept, given up, or gone: somebody else recorded it
    parcels: Sequence[Parcel]  #: whose delivery is due; nobody else gets them during the lease


def relay_turn(rooms: Rooms, patience: Patience, attempts: Sequence[Attempt] = ()) -> Script[Turn]:
    """Records attempts to deliver, and takes what is due."""
    bounds = {"client": rooms.client, "host": rooms.host, "clients": rooms.clients, "hosts": rooms.lanes}
    words: list[Word] = [rooms.most, *(ms(seconds) for seconds in patience), json.dumps(bounds)]
    for parcel, delivery, gap_seconds in attempts:
        words += [parcel.call_id, parcel.client, parcel.host, parcel.name, parcel.failures, delivery, ms(gap_seconds)]
    return Script("relay", words, lambda answer: Turn(answer[0], [_parcel(*words) for words in answer[1]]))


def _parcel(call: str, campaign: str, url: str, client: str, host: str, name: str, event: str, *more: Any) -> Parcel:
    number, *rest = more
    return Parcel(call, campaign, url, client, host, name, json.loads(event), int(number), *rest)
