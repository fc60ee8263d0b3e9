"""Two relays that deliver events to clients' servers, which take them, fail, or want none; and what was received."""

from collections import defaultdict
from dataclasses import dataclass, field

from schemas.scripts.relay import Attempt, Delivery, Parcel, Patience, Rooms, relay_turn
from tests.walks.gate import Fault
from tests.walks.moves.room import Room

_PATIENCE = Patience(lease=20, order=3, hold=60, give_up=86_400)
_ROOMS = Rooms(5, client=3, host=2)


@dataclass
class Relays:
    """What is under way, and what came."""

    room: Room
    under_way: list[Attempt] = field(default_factory=list)  #: deliveries whose end is not told yet
    received: dict[str, dict[int, Parcel]] = field(default_factory=lambda: defaultdict(dict))

    def turn(self) -> None:
        """Tells of some deliveries, and takes what is due."""
        random = self.room.random
        told = [one for one in self.under_way if random.random() < 0.7]
        self.under_way = [one for one in self.under_way if one not in told]
        turn = self.room.store.scripts.run(relay_turn(_ROOMS, _PATIENCE, told))
        if told and random.random() < 0.2:  # its answer was lost
            self.room.store.scripts.run(relay_turn(Rooms(0, 0, 0), _PATIENCE, told))
        for parcel in turn.parcels:
            self._deliver(parcel)

    def _deliver(self, parcel: Parcel) -> None:
        """The end of a delivery is told later, or never."""
        chance = self.room.random.random()
        delivery: Delivery = "failed" if chance < 0.15 else "declined" if chance < 0.2 else "delivered"
        if delivery == "declined" and parcel.declines >= 2:
            delivery = "refused"
        if delivery == "delivered":
            self.receive(parcel)
        if self.room.random.random() < 0.9:
            self.under_way.append(Attempt(parcel, delivery, 1.0))

    def receive(self, parcel: Parcel) -> None:
        """An event comes to a client; raises Fault if another one had its number."""
        known = self.received[parcel.call_id].setdefault(parcel.number, parcel)
        if known.name != parcel.name or known.event.get("body") != parcel.event.get("body"):
            raise Fault(f"Two events have the number {parcel.number}: {known} {parcel}")
